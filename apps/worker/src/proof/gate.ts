import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxFacts } from '@jobcell/shared/contract';
import type { Logger } from '@jobcell/shared/log';
import { type SandboxPool, SlotDeath } from '../sandbox/port.ts';
import type { Probe } from './probes.ts';
import { NotProven, prove } from './prove.ts';

export type GateParts = {
  pool: SandboxPool & { readonly trouble: string | null };
  probes: Probe[];
  /** Told whenever the gate opens or closes, or its reason changes. */
  onChange: () => void;
  log: Logger;
};

/** `facts` while the gate is open, `reason` while it is closed. */
export type Verdict = { facts: SandboxFacts; reason: null } | { facts: null; reason: string };

/** A sandbox that does not hold is the operator's to mend; a slot that died under a probe is replaced in a moment. */
const RETRY_MS = 15_000;
const RETRY_DEATH_MS = 1_000;

/**
 * Open while the sandbox is proven: only then are jobs taken. It closes when the last slot is gone, because what
 * comes after (an engine that was restarted, another image) has to be proven anew.
 */
export class Gate {
  readonly #parts: GateParts;
  readonly #stopping = new AbortController();
  #facts: SandboxFacts | null = null;
  #failure: string | null = null;
  #proving: Promise<void> | undefined;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** What the proven sandbox is, or else why no job is taken. */
  get verdict(): Verdict {
    if (this.#facts !== null) return { facts: this.#facts, reason: null };
    return {
      facts: null,
      reason: this.#failure ?? this.#parts.pool.trouble ?? 'the sandbox is being started',
    };
  }

  /** To be called when the pool has changed. */
  update(): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#parts.pool.usable === 0) {
      if (this.#facts !== null) this.#parts.log.warn('no slot is left: taking no jobs');
      this.#facts = null;
      this.#failure = null; // what counts now is why there is none
      this.#parts.onChange();
    } else if (this.#facts === null) {
      this.#proving ??= this.#prove().finally(() => {
        this.#proving = undefined;
      });
    } else {
      this.#parts.onChange();
    }
  }

  /** Closes for good: the worker ends. A proof under way ends with its slot. */
  stop(): void {
    this.#stopping.abort();
    this.#facts = null;
    this.#failure = 'the worker is being stopped';
    this.#parts.onChange();
  }

  /** Tries until it holds; slots may die under it, and come back. */
  async #prove(): Promise<void> {
    const { pool, probes, log, onChange } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const facts = await prove(pool, probes, signal);
        if (signal.aborted) return;
        this.#facts = facts;
        this.#failure = null;
        log.info({ slots: pool.usable, facts }, 'sandbox proven: taking jobs');
        return onChange();
      } catch (error) {
        if (signal.aborted) return;
        this.#fail(error as Error);
        onChange();
        const waitMs = error instanceof SlotDeath ? RETRY_DEATH_MS : RETRY_MS;
        await delay(waitMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #fail(error: Error): void {
    this.#failure =
      error instanceof NotProven ? error.message : `the sandbox could not be tried: ${error.message}`;
    this.#parts.log.error({ reason: this.#failure }, 'sandbox not proven: taking no jobs');
  }
}
