import type { Redis } from 'ioredis';
import { limits, type SandboxFacts } from '../contract/index.ts';
import { loadScript } from './scripts.ts';

/** A worker with a recent heartbeat. `facts` is null while its sandbox is not proven; `reason` then says why. */
export type LiveWorker = { id: string; slots: number; facts: SandboxFacts | null; reason: string | null };

/** How long a silent worker is remembered: longer than any rule about silence looks back. */
const REMEMBERED_MS = 5 * 60_000;

const beat = loadScript('beat', { withCommon: false });
const live = loadScript('live', { withCommon: false });

/** Heartbeats of workers, in Redis and by its clock. */
export class WorkerRegistry {
  readonly #redis: Redis;
  readonly #keys: [workers: string, said: string];

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#keys = [`${prefix}:workers`, `${prefix}:workers:said`];
  }

  /** Says that `worker` lives, and what it is. */
  async beat(worker: LiveWorker): Promise<void> {
    await beat(this.#redis, this.#keys, [worker.id, JSON.stringify(worker), REMEMBERED_MS]);
  }

  /** Forgets a worker that ends cleanly. */
  async leave(id: string): Promise<void> {
    await this.#redis.multi().zrem(this.#keys[0], id).hdel(this.#keys[1], id).exec();
  }

  /** Those heard of within `withinMs`. */
  async list(withinMs: number = limits.heartbeatMs): Promise<LiveWorker[]> {
    const said = (await live(this.#redis, this.#keys, [withinMs])) as (string | null)[];
    return said.flatMap((text) => (text === null ? [] : [JSON.parse(text) as LiveWorker]));
  }
}
