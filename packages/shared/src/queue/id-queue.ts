import { setImmediate as nextTurn } from 'node:timers/promises';
import { Queue, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';

/** An id in BullMQ. `priority` 0 goes ahead of all others, first in, first out. */
export type QueuedId = { id: string; priority: number };

const prefixOf = (prefix: string) => `${prefix}:bull`;

/** A BullMQ queue of ids (law 1: BullMQ carries ids, the records carry data). */
export class IdQueue {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #name: string;
  #queue: Queue;

  constructor(redis: Redis, prefix: string, name: string) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#name = name;
    this.#queue = openQueue(name, redis, prefix);
  }

  /** Makes the ids wait for a worker, in their order. Adding one that is there already changes nothing. */
  async addIds(ids: QueuedId[]): Promise<void> {
    const added = ids.map(({ id, priority }) => ({ jobId: id, priority }));
    const [only] = added;
    if (added.length === 1 && only !== undefined) await this.#ask((queue) => queue.add('job', null, only));
    else if (added.length > 0)
      await this.#ask((queue) => queue.addBulk(added.map((opts) => ({ name: 'job', data: null, opts }))));
  }

  /** How many ids wait for a worker. */
  async waiting(): Promise<number> {
    const counts = await this.#ask((queue) => queue.getJobCounts('waiting', 'prioritized'));
    return (counts.waiting ?? 0) + (counts.prioritized ?? 0);
  }

  /** Of `ids`, those that the queue does not have. */
  async missing(ids: string[]): Promise<string[]> {
    const found = await Promise.all(ids.map((id) => this.#redis.exists(this.#queue.toKey(id))));
    return ids.filter((_, index) => found[index] === 0);
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  async #ask<T>(question: (queue: Queue) => Promise<T>): Promise<T> {
    try {
      return await question(this.#queue);
    } catch (error) {
      await this.#reopenIfBroken();
      throw error;
    }
  }

  /** BullMQ asks Redis for its version when it is opened, and if that fails it stays unusable for good. */
  async #reopenIfBroken(): Promise<void> {
    const queue = this.#queue;
    const opened = queue.waitUntilReady().then(
      () => true,
      () => false,
    );
    if ((await Promise.race([opened, nextTurn(true)])) || this.#queue !== queue) return;
    this.#queue = openQueue(this.#name, this.#redis, this.#prefix);
    await queue.close().catch(() => undefined);
  }
}

function openQueue(name: string, redis: Redis, prefix: string): Queue {
  const queue = new Queue(name, {
    connection: redis,
    prefix: prefixOf(prefix),
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  queue.on('error', () => undefined); // the connection's own handler logs it
  return queue;
}

/** What a BullMQ worker of a queue must be made with. At-least-once: attempts are counted in the records. */
export const workerSettings = <Name extends string>(name: Name, prefix: string, lockDuration: number) => ({
  name,
  options: {
    prefix: prefixOf(prefix),
    lockDuration,
    stalledInterval: lockDuration / 2,
    maxStalledCount: 10,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  } satisfies Omit<WorkerOptions, 'connection'>,
});
