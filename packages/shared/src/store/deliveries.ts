import type { Redis } from 'ioredis';
import { type Delivery, type DeliveryAttempt, type DeliveryStatus, limits } from '../contract/index.ts';
import { Changes, loadChange, pairs, type Released } from './changes.ts';
import { readFields, recordOf } from './fields.ts';
import type { JobRecord } from './record.ts';

/** An attempt at a delivery that is to be made; `attempt` counts those that were recorded before it. */
export type DeliveryRef = { id: string; attempt: number };

/** What a sender needs for an attempt. `tries`: attempts since it was made or redelivered. */
export type StartedDelivery = DeliveryRef & {
  tries: number;
  job: string;
  url: string;
  type: Delivery['type'];
  endedAt: string;
  /** One or two, with a space between. */
  secret: string;
  headers: Record<string, string>;
};

/** What comes after an attempt: nothing, or the next one in so many ms. `keptMs`: how long a dead letter is kept. */
export type AfterAttempt =
  | { status: 'delivered' }
  | { status: 'dead'; keptMs: number }
  | { status: 'pending'; inMs: number };

export type RepeatResult = 'sent' | 'attempts' | null;

export type DeliveryListRequest = {
  jobId: string | null;
  status: DeliveryStatus | null;
  limit: number;
  cursor: string | null;
};
export type DeliveryList = { items: Delivery[]; next: string | null };

const start = loadChange('delivery_start');
const record = loadChange('delivery_record');
const repeat = loadChange('delivery_repeat');

/** The id of an attempt in BullMQ. */
export function parseAttempt(text: string): DeliveryRef | null {
  const [, id, attempt] = /^([0-9a-f-]{36})\.(\d+)$/.exec(text) ?? [];
  return id === undefined ? null : { id, attempt: Number(attempt) };
}

/** Webhook deliveries in Redis. They are opened by the script that ends a job, and deleted with its record. */
export class DeliveryStore {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #changes: Changes;

  constructor(redis: Redis, prefix: string, onReleased: (released: Released) => void) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#changes = new Changes(redis, prefix, onReleased);
  }

  /** `null` when this attempt was made already, or is not to be made. */
  async start({ id, attempt }: DeliveryRef): Promise<StartedDelivery | null> {
    const answer = await this.#changes.make(start, [id, attempt]);
    if (answer === null) return null;
    const [tries, ...texts] = answer as [number, ...string[]];
    const [job = '', url = '', type, endedAt, secret = '', headers = '{}'] = texts;
    return {
      ...{ id, attempt, tries, job, url, secret },
      type: type as Delivery['type'],
      endedAt: new Date(Number(endedAt)).toISOString(),
      headers: JSON.parse(headers) as Record<string, string>,
    };
  }

  /** The job that is told of. Its retention may have passed: then it is kept for this alone. */
  async readJob({ job }: StartedDelivery): Promise<JobRecord | null> {
    return recordOf(job, await this.#redis.hmget(this.#key(`job:${job}`), ...readFields), 0);
  }

  /**
   * Writes what came of an attempt. `silent`: the receiver kept its sender waiting, so fewer are sent to it at once.
   * False when the attempt was recorded before, and nothing was written.
   */
  async record(
    { id, attempt }: DeliveryRef,
    made: DeliveryAttempt,
    after: AfterAttempt,
    silent: boolean,
  ): Promise<boolean> {
    const follows = after.status === 'pending' ? after.inMs : after.status;
    const keptMs = after.status === 'dead' ? after.keptMs : 0;
    const args = [id, attempt, JSON.stringify(made), follows, silent ? '1' : '', keptMs];
    return (await this.#changes.make(record, args)) === 1;
  }

  /**
   * Sends a delivery once more with all its retries; one that waits for its next attempt makes it now. `attempts`: it
   * was tried too often for that. `null`: this tenant has no such delivery.
   */
  async repeat(tenant: string, id: string): Promise<RepeatResult> {
    const answer = await this.#changes.make(repeat, [id, tenant, limits.webhook.attempts]);
    return answer === null ? null : answer === 'attempts' ? 'attempts' : 'sent';
  }

  /** `null`: this tenant has no such delivery. */
  async read(tenant: string, id: string): Promise<Delivery | null> {
    const fields = await this.#redis.hgetall(this.#key(`delivery:${id}`));
    return fields.tenant === tenant ? deliveryOf(id, fields) : null;
  }

  /** One page of the tenant's deliveries, newest first. */
  async list(tenant: string, request: DeliveryListRequest): Promise<DeliveryList> {
    if (request.jobId !== null) return await this.#ofJob(tenant, request.jobId, request.status);
    const { status, limit, cursor } = request;
    const index = this.#key(`tenant:${tenant}:deliveries:${status ?? 'all'}`);
    const below = cursor === null ? '+inf' : `(${cursor}`;
    const args = ['BYSCORE', 'REV', 'LIMIT', 0, limit + 1, 'WITHSCORES'] as const;
    const found = pairs(await this.#redis.zrange(index, below, '-inf', ...args));
    const page = found.slice(0, limit);
    const items = await Promise.all(page.map(([id]) => this.read(tenant, id)));
    return {
      items: items.filter((item) => item !== null),
      next: found.length > limit ? (page.at(-1)?.[1] ?? null) : null,
    };
  }

  /** Attempts that were released at least `ageMs` ago and have not been recorded, as BullMQ knows them. */
  async releasedSince(ageMs: number): Promise<string[]> {
    const [seconds] = await this.#redis.time();
    const ids = await this.#redis.zrangebyscore(this.#key('sending'), '-inf', Number(seconds) * 1000 - ageMs);
    const counts = await Promise.all(
      ids.map((id) => this.#redis.hget(this.#key(`delivery:${id}`), 'attempts')),
    );
    return ids.map((id, at) => `${id}.${counts[at] ?? 0}`);
  }

  async #ofJob(tenant: string, jobId: string, status: DeliveryStatus | null): Promise<DeliveryList> {
    const id = await this.#redis.hget(this.#key(`job:${jobId}`), 'delivery');
    const found = id === null ? null : await this.read(tenant, id);
    const items = found !== null && (status === null || found.status === status) ? [found] : [];
    return { items, next: null };
  }

  #key(name: string): string {
    return `${this.#prefix}:${name}`;
  }
}

function deliveryOf(id: string, fields: Record<string, string>): Delivery {
  const attempts = Array.from({ length: Number(fields.attempts) }, (_, at) => fields[`attempt:${at + 1}`]);
  return {
    id,
    job_id: fields.job ?? '',
    type: fields.type as Delivery['type'],
    url: fields.url ?? '',
    status: fields.status as DeliveryStatus,
    attempts: attempts.map((text) => JSON.parse(text ?? '{}') as DeliveryAttempt),
    next_attempt_at:
      fields.next_attempt_at === undefined ? null : new Date(Number(fields.next_attempt_at)).toISOString(),
  };
}
