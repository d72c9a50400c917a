import type { JobStore } from '@jobcell/shared/store';
import type { Redis } from 'ioredis';
import { untilAnswered } from './until-answered.ts';

export type CancellationsParts = {
  /** A connection of its own, which waits through an outage. */
  subscriber: Redis;
  store: Pick<JobStore, 'cancelChannel' | 'askedToCancel'>;
};

/** A job of this worker. `signal` aborts when it is to be cancelled. */
export type WatchedJob = { signal: AbortSignal; end(): void };

/**
 * Hears which running jobs are to be cancelled: every worker is told of all, and looks for its own. What was said
 * while the subscription was down is looked up when it is back.
 */
export class Cancellations {
  readonly #store: CancellationsParts['store'];
  readonly #watched = new Map<string, AbortController>();
  readonly #closing = new AbortController();

  constructor({ subscriber, store }: CancellationsParts) {
    this.#store = store;
    subscriber.on('message', (_channel, id: string) => this.#watched.get(id)?.abort());
    subscriber.on('ready', () => void this.#subscribe(subscriber));
    if (subscriber.status === 'ready') void this.#subscribe(subscriber);
  }

  /** From before the job's start, so that nothing is missed, until `end`. */
  watch(id: string): WatchedJob {
    const cancelled = new AbortController();
    this.#watched.set(id, cancelled);
    const end = () => {
      if (this.#watched.get(id) === cancelled) this.#watched.delete(id);
    };
    return { signal: cancelled.signal, end };
  }

  /** Looks nothing up any more. The subscriber's connection stays its owner's. */
  close(): void {
    this.#closing.abort();
  }

  async #subscribe(subscriber: Redis): Promise<void> {
    try {
      await subscriber.subscribe(this.#store.cancelChannel);
      const ids = [...this.#watched.keys()];
      const asked = await untilAnswered(() => this.#store.askedToCancel(ids), this.#closing.signal);
      for (const id of asked) this.#watched.get(id)?.abort();
    } catch {
      // The connection was lost again, and will be ready again; or this worker ends.
    }
  }
}
