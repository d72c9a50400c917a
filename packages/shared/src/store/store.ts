import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type JobError, type JobStatus, limits, type TenantLimits } from '../contract/index.ts';
import { Changes, loadChange, type Released } from './changes.ts';
import {
  listFields,
  newJobFields,
  outcomeFields,
  readFields,
  recordOf,
  recordOfFields,
  SCHEMA_VERSION,
} from './fields.ts';
import { type JobList, type ListRequest, listJobs } from './job-list.ts';
import type {
  Holder,
  JobKind,
  JobRecord,
  Lane,
  NewJob,
  Outcome,
  ReleasedJob,
  StartedJob,
  Waits,
} from './record.ts';

/** The limit that refused a job: of all jobs (`MAX_QUEUED`, `MAX_STORE_MB`), or of its tenant's. */
export type FullLimit = 'backlog' | 'bytes' | 'tenant_backlog' | 'tenant_bytes';
/** `same`: this idempotency key made the job `id` before, of the same body; `mismatch`: of another one. */
export type CreateResult =
  | { created: true }
  | { created: false; because: FullLimit | 'mismatch' }
  | { created: false; because: 'same'; id: string };
/** `early`: an older job of the same line is about to start, so this one waits a little. */
export type StartResult = { started: true; job: StartedJob } | { started: false; early: boolean };

/** What became of an attempt that failed by a fault of Jobcell's. */
export type RetryResult = 'queued' | 'failed' | 'cancelled' | 'stale';

export type StoreLimits = { maxQueued: number; maxStoreMb: number };

export type StoreOptions = {
  limits: StoreLimits;
  /** Told of what may go to BullMQ now. */
  onReleased: (released: Released) => void;
};

/** Bytes of a job's output that are known, of its start of this number. */
export type KnownOutput = { starts: number; stdout: number; stderr: number };
/** `starts` counts those too that do not count as attempts. */
export type LiveJob = { status: JobStatus; attempts: number; starts: number; stdout: string; stderr: string };

/** Of `MAX_STORE_MB`, what new jobs may fill: the rest is kept for the outcomes of those that are there. */
const SHARE_FOR_NEW_JOBS = 0.8;
/** How many jobs one script ends or deletes at most, so that it holds up no other. */
const AT_ONCE = 100;
/** How long an idempotency key is remembered. */
const ONCE_MS = 24 * 60 * 60_000;

const NO_WAITS: Waits = { slotMs: 0, jailMs: 0 };

const lost: JobError = {
  code: 'worker_lost',
  message: 'Every worker that ran the job was lost before its end',
};

const create = loadChange('create');
const start = loadChange('start');
const finish = loadChange('finish');
const giveBack = loadChange('give_back');
const retry = loadChange('retry');
const cancel = loadChange('cancel');
const deleteData = loadChange('delete_data');
const deleteExpired = loadChange('delete_expired');
const tick = loadChange('tick');
const appendOutput = loadChange('append_output');
const readLive = loadChange('read_live');

/** Job records in Redis: one Lua script per state change, so that every state is reached whole or not at all. */
export class JobStore {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #limits: StoreLimits;
  readonly #changes: Changes;

  constructor(redis: Redis, prefix: string, { limits, onReleased }: StoreOptions) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#limits = limits;
    this.#changes = new Changes(redis, prefix, onReleased);
  }

  /** The pub/sub channel on which the id of every job that ends is told. */
  get finishedChannel(): string {
    return this.#key('finished');
  }

  /** The pub/sub channel on which `replyTo` is told outcomes, ahead of `finishedChannel`: texts for `readTold`. */
  outcomeChannel(replyTo: string): string {
    return this.#key(`outcome:${replyTo}`);
  }

  /** The record that was told, and whose it is. */
  readTold(text: string): { id: string; record: JobRecord | null } {
    const { id = '', ...fields } = JSON.parse(text) as Record<string, string>;
    return { id, record: recordOfFields(id, fields) };
  }

  /** The pub/sub channel on which the id of every running job is told that is to be cancelled. */
  get cancelChannel(): string {
    return this.#key('cancel');
  }

  /** The pub/sub channel on which the id of every job is told that starts, waits again or has printed something. */
  get liveChannel(): string {
    return this.#key('live');
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

  /** Writes a queued record, unless a limit refuses it or it is there already. `share`: what its tenant may use. */
  async create(job: NewJob, share: TenantLimits | null = null): Promise<CreateResult> {
    const { fields, bytes } = newJobFields(job);
    const { maxQueued, maxStoreMb } = this.#limits;
    const all = [maxQueued, maxStoreMb * 1024 * 1024 * SHARE_FOR_NEW_JOBS];
    const own = share === null ? all : [share.backlog, share.storeBytes];
    const atOnce = share === null ? 'all' : (share.jobsAtOnce ?? 'half');
    const answer = await this.#changes.make(create, [
      ...[job.id, job.tenant, atOnce, ...own, ...all, bytes],
      ...[job.delayMs, job.ttlMs ?? '', onceKey(job), job.idempotency?.bodyHash ?? '', ONCE_MS],
      ...fields,
    ]);
    const [because, id = ''] = (answer as string).split(':');
    if (because === 'created') return { created: true };
    if (because === 'same') return { created: false, because, id };
    return { created: false, because: because as FullLimit | 'mismatch' };
  }

  /** `null` when there is no such job, or its retention has passed. */
  async read(id: string): Promise<JobRecord | null> {
    return recordOf(id, await this.#redis.hmget(this.#key(`job:${id}`), ...readFields));
  }

  /** As `read`, without output and result, however large those are. */
  async readFacts(id: string): Promise<JobRecord | null> {
    return recordOf(id, await this.#redis.hmget(this.#key(`job:${id}`), ...listFields));
  }

  /** One page of the tenant's jobs, without those that only check a script. */
  async list(tenant: string, request: ListRequest): Promise<JobList> {
    return await listJobs(this.#redis, this.#prefix, tenant, request);
  }

  /**
   * queued → running, one more attempt. Not started when the job is terminal or gone; nor, `inOrderMs` after it was
   * released at most, before an older one.
   */
  async start(id: string, worker: string, inOrderMs = 0): Promise<StartResult> {
    const answer = await this.#changes.make(start, [
      id,
      worker,
      limits.attempts,
      JSON.stringify(lost),
      inOrderMs,
    ]);
    if (answer === null || answer === 'early') return { started: false, early: answer !== null };
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
    return (await this.#changes.make(finish, [...who(holder), outcome.status, bytes, ...fields])) === 1;
  }

  /** running → queued without counting the attempt (a clean shutdown). False when stale. */
  async giveBack(holder: Holder): Promise<boolean> {
    return (await this.#changes.make(giveBack, who(holder))) === 1;
  }

  /**
   * running → queued, or → failed with `error` when this was the last attempt (a fault of Jobcell's), or → cancelled
   * when that was asked for. `stale`: nothing was written.
   */
  async retry(holder: Holder, error: JobError): Promise<RetryResult> {
    const args = [...who(holder), limits.attempts, JSON.stringify(error)];
    return (await this.#changes.make(retry, args)) as RetryResult;
  }

  /**
   * queued → cancelled. A running job is told to its worker (`ask`), or → cancelled as well (`now`: its worker has not
   * answered). Returns the status after that; `null` for a job that this tenant does not have.
   */
  async cancel(tenant: string, id: string, running: 'ask' | 'now'): Promise<JobStatus | null> {
    return (await this.#changes.make(cancel, [id, tenant, running])) as JobStatus | null;
  }

  /** Of these jobs, those that run and are to be cancelled. */
  async askedToCancel(ids: string[]): Promise<string[]> {
    const asked = await this.#pick(ids, 'cancel_asked');
    return ids.filter((_, index) => asked[index]?.[0] != null);
  }

  /** Deletes script, input, output and result of a terminal job; others are left. Returns as `cancel` does. */
  async deleteData(tenant: string, id: string): Promise<JobStatus | null> {
    return (await this.#changes.make(deleteData, [id, tenant])) as JobStatus | null;
  }

  /** Keeps what a running job has printed since the last time, until its end. False when the attempt is stale. */
  async appendOutput(holder: Holder, stream: 'stdout' | 'stderr', text: string): Promise<boolean> {
    return (await this.#changes.make(appendOutput, [...who(holder), stream, text])) === 1;
  }

  /** How a job stands, and what it has printed beyond what is `known`, while it runs. `null`: there is no such job. */
  async readLive(id: string, known: KnownOutput): Promise<LiveJob | null> {
    const answer = await this.#changes.make(readLive, [id, known.stdout, known.stderr, known.starts]);
    if (answer === null) return null;
    const [status, attempts, starts, stdout, stderr] = answer as [JobStatus, number, number, string, string];
    return { status, attempts, starts, stdout, stderr };
  }

  /** Deletes the records whose retention has passed; returns how many those are. (A webhook may still need some.) */
  async deleteExpired(): Promise<number> {
    for (let expired = 0; ; ) {
      const count = (await this.#changes.make(deleteExpired, [AT_ONCE])) as number;
      expired += count;
      if (count < AT_ONCE) return expired;
    }
  }

  /** Does what time alone does: expires jobs, lets delayed ones wait, and releases what there are slots for. */
  async tick(): Promise<void> {
    await this.#changes.make(tick, [AT_ONCE]);
  }

  /** Jobs that were released at least `ageMs` ago and have not started. */
  async releasedSince(ageMs: number): Promise<ReleasedJob[]> {
    const until = (await this.#now()) - ageMs;
    const lanes: Lane[] = ['execute', 'background'];
    const ids = await Promise.all(
      lanes.map((lane) => this.#redis.zrangebyscore(this.#key(`ready:${lane}`), '-inf', until)),
    );
    return lanes.flatMap((lane, index) => (ids[index] ?? []).map((id) => ({ id, lane })));
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
  async lose(holder: Holder): Promise<RetryResult> {
    return await this.retry(holder, lost);
  }

  async #pick(ids: string[], ...fields: string[]): Promise<(string | null)[][]> {
    return await Promise.all(ids.map((id) => this.#redis.hmget(this.#key(`job:${id}`), ...fields)));
  }

  async #now(): Promise<number> {
    const [seconds, micros] = await this.#redis.time();
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }

  #key(name: string): string {
    return `${this.#prefix}:${name}`;
  }
}

const who = ({ id, worker, attempt }: Holder): (string | number)[] => [id, worker, attempt];

/** What a caller chose goes into a key of Redis only as a hash. */
function onceKey({ tenant, idempotency }: NewJob): string {
  if (idempotency === null) return '';
  return `${tenant}:${createHash('sha256').update(idempotency.key).digest('hex')}`;
}
