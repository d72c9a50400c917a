import type { SandboxFacts } from '@jobcell/shared/contract';
import type { Outcome, StartedJob } from '@jobcell/shared/store';

/** What a slot is asked to run. */
export type SandboxJob = Pick<StartedJob, 'kind' | 'script' | 'input' | 'timeoutMs' | 'memoryMb'>;

/** How it ended. `jailMs`: what it waited for its jail, in ms; next to nothing where one was ready. */
export type SandboxResult = { outcome: Outcome; jailMs: number };

export type OutputStream = 'stdout' | 'stderr';

/** What a run can be given beside its job. */
export type RunOptions = {
  /** Cancels the job when it aborts: its outcome is then `cancelled`, unless it had a result before. */
  signal?: AbortSignal;
  /**
   * Hears what the job has printed while it runs, some of it or nothing: all that it hears of a stream is, one after
   * another, the beginning of what the outcome says of it. Not called any more once the run has ended.
   */
  onOutput?: (stream: OutputStream, text: string) => void;
};

/** One slot: a supervisor that runs one job at a time, each in a fresh jail. */
export interface Sandbox {
  /** The container's id, or the process id of the slot's launcher. */
  readonly id: string;
  readonly facts: SandboxFacts;
  /** Why its jails are started cold although warm ones were asked for; `null` where they are as asked. */
  readonly fallback: string | null;
  /** False as soon as the slot is known to be dead. */
  readonly alive: boolean;
  /** Resolves once the slot is dead, whatever the cause, and nothing of it is left. */
  readonly death: Promise<SlotDeath>;
  /**
   * Runs one job; only after `idle`. Rejects with a `SlotDeath` when the slot died under it; `not_cancelled` when that
   * is how the job was cancelled.
   */
  run(job: SandboxJob, options?: RunOptions): Promise<SandboxResult>;
  /** Resolves when the last job's jail is proven gone; rejects with the `SlotDeath` when that is in doubt. */
  idle(): Promise<void>;
  /** Ends the slot and whatever runs in it; resolves when nothing of it is left. */
  destroy(): Promise<void>;
}

/** Makes slots. */
export interface SandboxDriver {
  /** One new slot that is ready for a job. Rejects with an `Error` whose message says why; soon when aborted. */
  make(signal: AbortSignal): Promise<Sandbox>;
  /** Removes whatever this driver may have left on the host. */
  close(): Promise<void>;
}

/** Slots that are kept alive and handed out one job at a time. */
export interface SandboxPool {
  /** Slots that live now, at work or not. */
  readonly usable: number;
  /**
   * A free slot as soon as there is one; rejects when there is none within `withinMs` (waits without end where that is
   * left out), or with the signal's reason when it aborts before.
   */
  lease(signal: AbortSignal, withinMs?: number): Promise<Sandbox>;
  /** Takes the slot back when it is idle again; a dead one is replaced. */
  giveBack(slot: Sandbox): void;
  /** Destroys every slot. */
  close(): Promise<void>;
}

/**
 * What ended a slot: its supervisor `ended`; it broke the `protocol`; it did not get `ready`, answer a job in time
 * (`overdue`), end a cancelled one at once (`not_cancelled`) or get `idle` after one; it called itself `spent`; it could not be given its `memory`; or it was
 * `destroyed` by this worker.
 */
export type DeathCause =
  | 'ended'
  | 'protocol'
  | 'not_ready'
  | 'overdue'
  | 'not_cancelled'
  | 'not_idle'
  | 'spent'
  | 'memory'
  | 'destroyed';

/** The death of a slot. Its job, if it had one, has no outcome. `detail` is ours or the supervisor's, never a user's. */
export class SlotDeath extends Error {
  override readonly name = 'SlotDeath';
  readonly slot: string;
  readonly reason: DeathCause;
  readonly detail: string;

  constructor(slot: string, reason: DeathCause, detail: string) {
    super(`slot ${reason}: ${detail}`);
    this.slot = slot;
    this.reason = reason;
    this.detail = detail;
  }
}
