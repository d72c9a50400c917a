import type { connectRedis, JobStore } from '@jobcell/shared/store';
import { Feed, type FeedParts } from './feed.ts';

export type FeedsParts = FeedParts & {
  store: Pick<JobStore, 'readLive' | 'liveChannel' | 'finishedChannel'>;
  subscriber: ReturnType<typeof connectRedis>;
};

/** One who follows a job. `closing` aborts when this process ends. */
export type Listener = { feed: Feed; closing: AbortSignal; leave(): void };

type Followed = { feed: Feed; listeners: number };

/** How often every followed job is looked at, for the case that a notification was lost. */
const LOOK_EVERY_MS = 2_000;

/**
 * The jobs that somebody follows, one feed each, however many follow it. The process listens to Redis only while there
 * is one, over the connection that it has for that.
 */
export class Feeds {
  readonly #parts: FeedsParts;
  readonly #followed = new Map<string, Followed>();
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: FeedsParts) {
    this.#parts = parts;
    const { subscriber, store } = parts;
    subscriber.on('message', (channel, id) => {
      if (channel === store.liveChannel || channel === store.finishedChannel)
        this.#followed.get(id)?.feed.refresh();
    });
  }

  /** Those who listen now. */
  get size(): number {
    let size = 0;
    for (const { listeners } of this.#followed.values()) size += listeners;
    return size;
  }

  /** Follows a job until `leave`. */
  listen(id: string): Listener {
    const followed = this.#followed.get(id) ?? { feed: new Feed(id, this.#parts), listeners: 0 };
    followed.listeners += 1;
    if (this.#followed.size === 0) this.#hear();
    this.#followed.set(id, followed);
    followed.feed.refresh();
    let here = true;
    const leave = () => {
      if (!here) return;
      here = false;
      followed.listeners -= 1;
      if (followed.listeners > 0) return;
      this.#followed.delete(id);
      if (this.#followed.size === 0) this.#deafen();
    };
    return { feed: followed.feed, closing: this.#closing.signal, leave };
  }

  /** Ends all streams, now and from now on: their callers go on elsewhere from where they are. */
  close(): void {
    this.#closing.abort();
    clearInterval(this.#timer);
  }

  #hear(): void {
    const { subscriber, store } = this.#parts;
    subscriber.subscribe(store.liveChannel).then(
      () => this.#look(),
      () => undefined, // while it is down, they are looked at
    );
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  #deafen(): void {
    const { subscriber, store } = this.#parts;
    clearInterval(this.#timer);
    subscriber.unsubscribe(store.liveChannel).catch(() => undefined);
  }

  #look(): void {
    for (const { feed } of this.#followed.values()) feed.refresh();
  }
}
