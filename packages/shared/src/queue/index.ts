import { setImmediate as nextTurn } from 'node:timers/promises';
import { Queue, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from '../log.ts';
import type { Lane, ReleasedJob } from '../store/record.ts';

const NAME = 'jobs';
const prefixOf = (prefix: string) => `${prefix}:bull`;

/** BullMQ's priority: 0 goes ahead of all others, first in, first out. */
const priorities: Record<Lane, number> = { execute: 0, background: 2 };

/** The queue of job ids (law 1: BullMQ carries ids, the records carry data). */
export class JobQueue {
  readonly #redis: Redis;
  readonly #prefix: string;
  #queue: Queue;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#queue = openQueue(redis, prefix);
  }

  /** Makes the jobs wait for a worker, in their order. Adding an id that is there already changes nothing. */
  async add(jobs: ReleasedJob[]): Promise<void> {
    const added = jobs.map(({ id, lane }) => ({ jobId: id, priority: priorities[lane] }));
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
    this.#queue = openQueue(this.#redis, this.#prefix);
    await queue.close().catch(() => undefined);
  }
}

function openQueue(redis: Redis, prefix: string): Queue {
  const queue = new Queue(NAME, {
    connection: redis,
    prefix: prefixOf(prefix),
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  });
  queue.on('error', () => undefined); // the connection's own handler logs it
  return queue;
}

/** For `JobStore`: puts what it releases into `queue`. It never fails: what cannot be added now, the sweep adds. */
export const addReleased = (queue: Pick<JobQueue, 'add'>, log: Logger) => (jobs: ReleasedJob[]) => {
  queue.add(jobs).catch((error: Error) => {
    log.warn({ jobs: jobs.length, error: error.name }, 'jobs not queued, left to the sweep');
  });
};

/** What a BullMQ worker of this queue must be made with. At-least-once: attempts are counted in the record. */
export const queueWorkerSettings = (prefix: string) =>
  ({
    name: NAME,
    options: {
      prefix: prefixOf(prefix),
      lockDuration: 10_000,
      stalledInterval: 5_000,
      maxStalledCount: 10,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    } satisfies Omit<WorkerOptions, 'connection'>,
  }) as const;
