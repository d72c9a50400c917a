import { Queue, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Lane } from '../store/record.ts';

const NAME = 'jobs';
const prefixOf = (prefix: string) => `${prefix}:bull`;

/** BullMQ's priority: 0 goes ahead of all others, first in, first out. */
const priorities: Record<Lane, number> = { execute: 0, background: 2 };

/** The queue of job ids (law 1: BullMQ carries ids, the records carry data). */
export class JobQueue {
  readonly #redis: Redis;
  readonly #queue: Queue;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#queue = new Queue(NAME, {
      connection: redis,
      prefix: prefixOf(prefix),
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    });
    this.#queue.on('error', () => undefined); // the connection's own handler logs it
  }

  /** Makes the job wait for a worker. Adding an id that is there already changes nothing. */
  async add(id: string, lane: Lane): Promise<void> {
    await this.#queue.add('job', null, { jobId: id, priority: priorities[lane] });
  }

  /** Of `ids`, those that the queue does not have. */
  async missing(ids: string[]): Promise<string[]> {
    const found = await Promise.all(ids.map((id) => this.#redis.exists(this.#queue.toKey(id))));
    return ids.filter((_, index) => found[index] === 0);
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }
}

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
