import { randomUUID } from 'node:crypto';
import type { Logger } from '@jobcell/shared/log';
import { JobQueue } from '@jobcell/shared/queue';
import { connectRedis, type JobRecord, JobStore, type NewJob, WorkerRegistry } from '@jobcell/shared/store';
import { until } from '../../../../tests/support/until.ts';

/** The caller's side of a Redis: what the API does, for tests of the worker. */
export class TestStore {
  readonly url: string;
  readonly prefix = `test-${randomUUID()}`.slice(0, 40);
  readonly redis;
  readonly store: JobStore;
  readonly queue: JobQueue;
  readonly registry: WorkerRegistry;

  constructor(url: string, log: Logger) {
    this.url = url;
    this.redis = connectRedis(url, 'blocking', log);
    this.store = new JobStore(this.redis, this.prefix, {
      limits: { maxQueued: 10_000, maxStoreMb: 1024 },
      onReleased: () => undefined, // `submit` adds each
    });
    this.queue = new JobQueue(this.redis, this.prefix);
    this.registry = new WorkerRegistry(this.redis, this.prefix);
  }

  /** Accepts a job as the API does; returns its id. */
  async submit(script: string, changes: Partial<NewJob> = {}): Promise<string> {
    const job: NewJob = {
      ...{ id: randomUUID(), kind: 'run', lane: 'background', script, input: null },
      ...{ timeoutMs: 20_000, memoryMb: 256, retentionMs: 600_000, delayMs: 0, ttlMs: null },
      ...{
        tenant: 'default',
        priority: 'normal',
        metadata: null,
        webhook: null,
        replyTo: null,
        idempotency: null,
      },
      ...changes,
    };
    await this.store.create(job);
    await this.queue.add([job]);
    return job.id;
  }

  async read(id: string): Promise<JobRecord> {
    const record = await this.store.read(id);
    if (record === null) throw new Error(`no job ${id}`);
    return record;
  }

  async untilRunning(id: string): Promise<JobRecord> {
    return await this.#until(id, 25_000, 'running');
  }

  /** Waits until a running job has printed something: its worker knows that it runs, too. */
  async untilPrinted(id: string): Promise<void> {
    const printed = async () => {
      const live = await this.store.readLive(id, { starts: 0, stdout: 0, stderr: 0 });
      return live !== null && live.stdout !== '';
    };
    await until(`job ${id} has printed`, printed, 25_000);
  }

  async untilEnded(id: string, withinMs = 25_000): Promise<JobRecord> {
    return await this.#until(id, withinMs, 'succeeded', 'failed', 'cancelled');
  }

  async #until(id: string, withinMs: number, ...statuses: JobRecord['job']['status'][]): Promise<JobRecord> {
    const reached = async () => {
      const record = await this.read(id);
      return statuses.includes(record.job.status) && record;
    };
    return await until(`job ${id} is ${statuses.join(' or ')}`, reached, withinMs);
  }

  async close(): Promise<void> {
    await this.queue.close();
    this.redis.disconnect();
  }
}
