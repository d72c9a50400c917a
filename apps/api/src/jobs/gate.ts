/**
 * Lets in so much at once, in the order of arrival. Redis answers one command after the other, so more in flight
 * gains nothing; but a burst of large records would keep the event loop so busy that answers that are there already
 * count as timed out.
 */
export class Gate {
  readonly #capacity: number;
  #taken = 0;
  readonly #waiting: { weight: number; enter: () => void }[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Runs `work` as soon as there is room for `weight`; what is heavier than all the room runs alone. */
  async run<T>(weight: number, work: () => Promise<T>): Promise<T> {
    const share = Math.min(weight, this.#capacity);
    await this.#enter(share);
    try {
      return await work();
    } finally {
      this.#taken -= share;
      this.#letIn();
    }
  }

  async #enter(weight: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ weight, enter: resolve });
    this.#letIn();
    await promise;
  }

  #letIn(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || this.#taken + next.weight > this.#capacity) return;
      this.#waiting.shift();
      this.#taken += next.weight;
      next.enter();
    }
  }
}
