import type { Redis } from 'ioredis';
import type { Logger } from '../log.ts';
import type { Released } from '../store/changes.ts';
import type { Lane, ReleasedJob } from '../store/record.ts';
import { IdQueue, workerSettings } from './id-queue.ts';

const priorities: Record<Lane, number> = { execute: 0, background: 2 };

/** Jobs that wait for a slot, by the id of their record. */
export class JobQueue extends IdQueue {
  constructor(redis: Redis, prefix: string) {
    super(redis, prefix, 'jobs');
  }

  async add(jobs: ReleasedJob[]): Promise<void> {
    await this.addIds(jobs.map(({ id, lane }) => ({ id, priority: priorities[lane] })));
  }
}

/** Attempts at webhook deliveries that wait for a sender. */
export class DeliveryQueue extends IdQueue {
  constructor(redis: Redis, prefix: string) {
    super(redis, prefix, 'deliveries');
  }

  async add(attempts: string[]): Promise<void> {
    await this.addIds(attempts.map((id) => ({ id, priority: 0 })));
  }
}

export type Queues = { jobs: Pick<JobQueue, 'add'>; deliveries: Pick<DeliveryQueue, 'add'> };

/** For the stores: queues what they release. It never fails: what cannot be added now, the sweep adds. */
export const addReleased =
  (queues: Queues, log: Logger) =>
  ({ jobs, attempts }: Released) => {
    queues.jobs.add(jobs).catch((error: Error) => {
      log.warn({ jobs: jobs.length, error: error.name }, 'jobs not queued, left to the sweep');
    });
    queues.deliveries.add(attempts).catch((error: Error) => {
      log.warn({ attempts: attempts.length, error: error.name }, 'deliveries not queued, left to the sweep');
    });
  };

export const jobWorkerSettings = (prefix: string) => workerSettings('jobs', prefix, 10_000);
export const deliveryWorkerSettings = (prefix: string) => workerSettings('deliveries', prefix, 5_000);
