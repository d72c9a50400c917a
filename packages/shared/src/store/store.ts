import type { Redis } from 'ioredis';
import { type JobError, limits } from '../contract/index.ts';
import { newJobFields, outcomeFields, readFields, recordOf, SCHEMA_VERSION } from './fields.ts';
import type { Holder, JobKind, JobRecord, NewJob, Outcome, StartedJob, Waits } from './record.ts';
import { loadScript, type RunScript } from './scripts.ts';

/** `backlog` and `bytes` name the limit (`MAX_QUEUED`, `MAX_STORE_MB`) that refused the job. */
export type CreateResult = { created: true } | { created: false; full: 'backlog' | 'bytes' };
export type StartResult = { started: true; job: StartedJob } | { started: false };

export type StoreLimits = { maxQueued: number; maxStoreMb: number };

/** Of `MAX_STORE_MB`, what new jobs may fill: the rest is kept for the outcomes of those that are there. */
const SHARE_FOR_NEW_JOBS = 0.8;
const DELETE_AT_ONCE = 100;

const NO_WAITS: Waits = { slotMs: 0, jailMs: 0 };

const lost: JobError = {
  code: 'worker_lost',
  message: 'Every worker that ran the job was lost before its end',
};

const create = loadScript('create', { withCommon: true });
const start = loadScript('start', { withCommon: true });
const finish = loadScript('finish', { withCommon: true });
const giveBack = loadScript('give_back', { withCommon: true });
const retry = loadScript('retry', { withCommon: true });
const deleteExpired = loadScript('delete_expired', { withCommon: false });

/** Job records in Redis: one Lua script per state change, so that every state is reached whole or not at all. */
export class JobStore {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #limits: StoreLimits;

  constructor(redis: Redis, prefix: string, storeLimits: StoreLimits) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#limits = storeLimits;
  }

  /** The pub/sub channel on which the id of every job that ends is told. */
  get finishedChannel(): string {
    return this.#key('finished');
  }

  /** Refuses to work on records of another schema version; throws an `Error` that names both. */
  async checkSchema(): Promise<void> {
    await this.#redis.set(this.#key('schema'), SCHEMA_VERSION, 'NX');
    const found = await this.#redis.get(this.#key('schema'));
    if (found === SCHEMA_VERSION) return;
    throw new Error(
      `Redis holds job records of schema ${found}; this Jobcell reads schema ${SCHEMA_VERSION}`,
    );
  }

  /** Writes a queued record; refuses when the backlog or the store is full. */
  async create(job: NewJob): Promise<CreateResult> {
    const { fields, bytes } = newJobFields(job);
    const maxBytes = this.#limits.maxStoreMb * 1024 * 1024 * SHARE_FOR_NEW_JOBS;
    const answer = await this.#change(create, job.id, [this.#limits.maxQueued, maxBytes, bytes, ...fields]);
    return answer === 'created' ? { created: true } : { created: false, full: answer as 'backlog' | 'bytes' };
  }

  /** `null` when there is no such job, or its retention has passed. */
  async read(id: string): Promise<JobRecord | null> {
    const values = await this.#redis.hmget(this.#key(`job:${id}`), ...readFields);
    if (values[0] == null) return null;
    const record = recordOf(id, values);
    const until = record.job.retained_until;
    return until !== null && Date.parse(until) <= Date.now() ? null : record;
  }

  /** queued → running, one more attempt. `started: false` when the job is terminal or gone. */
  async start(id: string, worker: string): Promise<StartResult> {
    const answer = await this.#change(start, id, [worker, limits.attempts, JSON.stringify(lost)]);
    if (answer === null) return { started: false };
    const [attempt, kind, script, input, timeoutMs, memoryMb] = answer as [number, JobKind, ...string[]];
    return {
      started: true,
      job: {
        ...{ id, attempt, kind, script: script ?? '', input: input ?? null },
        ...{ timeoutMs: Number(timeoutMs), memoryMb: Number(memoryMb) },
      },
    };
  }

  /** running → terminal. False when the holder's attempt is stale, and nothing was written. */
  async finish(holder: Holder, outcome: Outcome, waits: Waits = NO_WAITS): Promise<boolean> {
    const { fields, bytes } = outcomeFields(outcome, waits);
    return (await this.#change(finish, holder.id, [...who(holder), outcome.status, bytes, ...fields])) === 1;
  }

  /** running → queued without counting the attempt (a clean shutdown). False when stale. */
  async giveBack(holder: Holder): Promise<boolean> {
    return (await this.#change(giveBack, holder.id, who(holder))) === 1;
  }

  /** running → queued, or → failed with `error` when this was the last attempt (a fault of Jobcell's). */
  async retry(holder: Holder, error: JobError): Promise<'queued' | 'failed' | 'stale'> {
    const args = [...who(holder), limits.attempts, JSON.stringify(error)];
    return (await this.#change(retry, holder.id, args)) as 'queued' | 'failed' | 'stale';
  }

  /** Deletes the records whose retention has passed; returns how many. */
  async deleteExpired(): Promise<number> {
    const keys = [this.#key('retained'), this.#key('bytes')];
    for (let deleted = 0; ; ) {
      const count = Number(await deleteExpired(this.#redis, keys, [this.#key('job:'), DELETE_AT_ONCE]));
      deleted += count;
      if (count < DELETE_AT_ONCE) return deleted;
    }
  }

  /** Queued jobs that were accepted at least `ageMs` ago, with their lane. */
  async queuedSince(ageMs: number): Promise<Pick<NewJob, 'id' | 'lane'>[]> {
    const ids = await this.#redis.zrangebyscore(
      this.#key('queued'),
      '-inf',
      `${(await this.#now()) - ageMs}`,
    );
    const lanes = await this.#pick(ids, 'lane');
    return ids.map((id, index) => ({ id, lane: lanes[index]?.[0] === 'execute' ? 'execute' : 'background' }));
  }

  /** Every running job with who holds it. */
  async running(): Promise<Holder[]> {
    const ids = await this.#redis.zrange(this.#key('running'), '0', '-1');
    const states = await this.#pick(ids, 'worker', 'attempts');
    return ids.map((id, index) => {
      const [worker, attempt] = states[index] ?? [];
      return { id, worker: worker ?? '', attempt: Number(attempt) };
    });
  }

  /** Ends a running job's attempt because its worker was lost: another attempt, or `worker_lost`. */
  async lose(holder: Holder): Promise<'queued' | 'failed' | 'stale'> {
    return await this.retry(holder, lost);
  }

  async #pick(ids: string[], ...fields: string[]): Promise<(string | null)[][]> {
    return await Promise.all(ids.map((id) => this.#redis.hmget(this.#key(`job:${id}`), ...fields)));
  }

  async #now(): Promise<number> {
    const [seconds, micros] = await this.#redis.time();
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }

  async #change(script: RunScript, id: string, args: (string | number)[]): Promise<unknown> {
    const keys = [`job:${id}`, 'queued', 'running', 'retained', 'bytes'].map((name) => this.#key(name));
    return await script(this.#redis, keys, [id, this.finishedChannel, ...args]);
  }

  #key(name: string): string {
    return `${this.#prefix}:${name}`;
  }
}

const who = (holder: Holder): (string | number)[] => [holder.worker, holder.attempt];
