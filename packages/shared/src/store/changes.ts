import type { Redis } from 'ioredis';
import type { Lane, ReleasedJob } from './record.ts';
import { loadScript, type RunScript } from './scripts.ts';

/** What a change of state lets go to BullMQ, each in its order: jobs, and attempts at deliveries. */
export type Released = { jobs: ReleasedJob[]; attempts: string[] };

/** A Lua script that changes the state of a job or a delivery. */
export const loadChange = (name: string): RunScript => loadScript(name, 'deliveries', 'common');

/** Makes changes of state, and tells what each of them released. */
export class Changes {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #onReleased: (released: Released) => void;

  constructor(redis: Redis, prefix: string, onReleased: (released: Released) => void) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#onReleased = onReleased;
  }

  /** The script's answer. */
  async make(script: RunScript, args: (string | number)[]): Promise<unknown> {
    const reply = await script(this.#redis, [], [this.#prefix, ...args]);
    const [answer, released] = reply as [unknown, string[]];
    if (released.length > 0) this.#onReleased(releasedOf(released));
    return answer;
  }
}

function releasedOf(flat: string[]): Released {
  const all = pairs(flat);
  return {
    jobs: all.flatMap(([id, to]) => (to === 'delivery' ? [] : [{ id, lane: to as Lane }])),
    attempts: all.flatMap(([id, to]) => (to === 'delivery' ? [id] : [])),
  };
}

/** a, 1, b, 2 as [a, 1], [b, 2]. */
export const pairs = (flat: string[]): [string, string][] =>
  flat.flatMap((first, index) =>
    index % 2 === 0 ? [[first, flat[index + 1] ?? ''] as [string, string]] : [],
  );
