import { queueWorkerSettings } from '@jobcell/shared/queue';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** How many jobs the queue has ready for a worker. */
export class Backlog {
  readonly #queue: Queue;

  constructor(redis: Redis, prefix: string) {
    const { name, options } = queueWorkerSettings(prefix);
    this.#queue = new Queue(name, { connection: redis, prefix: options.prefix });
    this.#queue.on('error', () => undefined); // the connection's own handler logs it
  }

  async waiting(): Promise<number> {
    const { waiting = 0, prioritized = 0 } = await this.#queue.getJobCounts('waiting', 'prioritized');
    return waiting + prioritized;
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }
}
