import type { Redis } from 'ioredis';
import { limits, type SandboxFacts } from '../contract/index.ts';
import { loadScript } from './scripts.ts';

/** A worker with a recent heartbeat. `facts` is null while its sandbox is not proven; `reason` then says why. */
export type LiveWorker = { id: string; slots: number; facts: SandboxFacts | null; reason: string | null };

/** How long a silent worker is remembered: longer than any rule about silence looks back. */
const REMEMBERED_MS = 5 * 60_000;

const beat = loadScript('beat', 'slots');
const leave = loadScript('leave', 'slots');
const live = loadScript('live');

/** Heartbeats of workers, in Redis and by its clock; and how many slots they have in all, for the scripts that release jobs. */
export class WorkerRegistry {
  readonly #redis: Redis;
  readonly #keys: string[];

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#keys = ['workers', 'workers:said', 'workers:slots', 'slots'].map((name) => `${prefix}:${name}`);
  }

  /** Says that `worker` lives, and what it is. One whose sandbox is not proven has no slots for others to fill. */
  async beat(worker: LiveWorker): Promise<void> {
    const slots = worker.facts === null ? 0 : worker.slots;
    const says = [worker.id, JSON.stringify(worker), slots, REMEMBERED_MS, limits.heartbeatMs];
    await beat(this.#redis, this.#keys, says);
  }

  /** Forgets a worker that ends cleanly. */
  async leave(id: string): Promise<void> {
    await leave(this.#redis, this.#keys, [id, limits.heartbeatMs]);
  }

  /** Those heard of within `withinMs`. */
  async list(withinMs: number = limits.heartbeatMs): Promise<LiveWorker[]> {
    const said = (await live(this.#redis, this.#keys.slice(0, 2), [withinMs])) as (string | null)[];
    return said.flatMap((text) => (text === null ? [] : [JSON.parse(text) as LiveWorker]));
  }
}
