import type { Logger } from '@jobcell/shared/log';

export type RefillParts = {
  /** Makes one slot. */
  make: () => Promise<void>;
  /** How many slots are not there, those in the making included. */
  missing: () => number;
  /** Told when `trouble` has changed. */
  onTrouble: () => void;
  log: Logger;
};

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5_000;

/**
 * Makes the slots that are missing, all at once. After a failure one at a time, 1 s to 5 s apart, until one
 * succeeds: what is wrong then is wrong for all of them.
 */
export class Refill {
  readonly #parts: RefillParts;
  #making = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #trouble: string | null = null;
  #stopped = false;

  constructor(parts: RefillParts) {
    this.#parts = parts;
  }

  /** Why slots cannot be made at the moment, or `null`. */
  get trouble(): string | null {
    return this.#trouble;
  }

  fill(): void {
    if (this.#stopped || this.#timer !== undefined) return;
    const atOnce = this.#failures > 0 ? 1 : Number.POSITIVE_INFINITY;
    while (this.#making.size < Math.min(this.#parts.missing(), atOnce)) this.#makeOne();
  }

  /** A slot could not be made, or was dead as soon as it was. */
  failed(reason: string): void {
    if (this.#stopped) return;
    if (this.#trouble !== reason) this.#parts.log.error({ reason }, 'slots cannot be made');
    this.#setTrouble(reason);
    if (this.#timer !== undefined) return; // several at once are one failure
    this.#failures += 1;
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (this.#failures - 1), LONGEST_WAIT_MS);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.fill();
    }, waitMs);
  }

  /** Makes no more; resolves when nothing is in the making. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#making);
  }

  #makeOne(): void {
    const work = this.#parts.make().then(
      () => this.#succeeded(),
      (error: Error) => this.failed(error.message),
    );
    this.#making.add(work);
    void work.then(() => {
      this.#making.delete(work);
      this.fill();
    });
  }

  #succeeded(): void {
    this.#failures = 0;
    this.#setTrouble(null);
  }

  #setTrouble(trouble: string | null): void {
    if (this.#trouble === trouble) return;
    this.#trouble = trouble;
    this.#parts.onTrouble();
  }
}
