import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { beforeEach, describe, expect, test } from 'vitest';
import { type DeliveryAttempt, limits, type SandboxFacts } from '../contract/index.ts';
import { newJob } from '../testing/new-job.ts';
import { redisOfFile } from '../testing/redis-of-file.ts';
import {
  type AfterAttempt,
  DeliveryStore,
  JobStore,
  type NewJob,
  type Outcome,
  parseAttempt,
  WorkerRegistry,
} from './index.ts';

const file = redisOfFile();
let redis: Redis;
let prefix: string;
let jobs: JobStore;
let deliveries: DeliveryStore;
let released: string[];

beforeEach(async () => {
  ({ redis, prefix } = file);
  released = [];
  const onReleased = ({ attempts }: { attempts: string[] }) => void released.push(...attempts);
  jobs = new JobStore(redis, prefix, { limits: { maxQueued: 2_000, maxStoreMb: 10 }, onReleased });
  deliveries = new DeliveryStore(redis, prefix, onReleased);
  const facts = {} as SandboxFacts;
  await new WorkerRegistry(redis, prefix).beat({ id: 'w', slots: 1, facts, reason: null });
});

const webhook = (url = 'https://receiver.example/hook') => ({
  ...{ delivery: randomUUID(), url, secret: 'whsec_secret', headers: { 'x-a': 'b' } },
});
const done = (status: 'succeeded' | 'failed' = 'succeeded') =>
  ({ status, result: '"result"', error: null, stdout: 'out', stderr: '', runtime: {} }) as unknown as Outcome;

async function submit(changes: Partial<NewJob> = {}): Promise<NewJob> {
  const job = newJob({ webhook: webhook(), ...changes });
  expect(await jobs.create(job)).toEqual({ created: true });
  return job;
}

/** A job that has ended, and its delivery's id. */
async function ended(changes: Partial<NewJob> = {}): Promise<string> {
  const { id, webhook: asked } = await submit(changes);
  expect((await jobs.start(id, 'w')).started).toBe(true);
  expect(await jobs.finish({ id, worker: 'w', attempt: 1 }, done())).toBe(true);
  return asked?.delivery ?? '';
}

const made = (changes: Partial<DeliveryAttempt> = {}): DeliveryAttempt => ({
  ...{ at: new Date(0).toISOString(), status_code: 200, error: null, duration_ms: 1, response_excerpt: 'ok' },
  ...changes,
});
const failed = made({ status_code: null, error: 'timeout', response_excerpt: null });
const soon: AfterAttempt = { status: 'pending', inMs: 0 };
const later: AfterAttempt = { status: 'pending', inMs: 60_000 };

/** What was released since the last time. */
const takeReleased = () => released.splice(0).map((id) => parseAttempt(id) ?? { id: '', attempt: -1 });
const read = async (id: string) => await deliveries.read('a', id);

describe('a job with a webhook opens one delivery, by the script that ends it,', () => {
  const endings: Record<string, (id: string) => Promise<unknown>> = {
    'job.succeeded': async (id) => {
      await jobs.start(id, 'w');
      await jobs.finish({ id, worker: 'w', attempt: 1 }, done());
    },
    'job.failed': async (id) => {
      for (const attempt of [1, 2, 3]) {
        await jobs.start(id, 'w');
        await jobs.lose({ id, worker: 'w', attempt });
      }
    },
    'job.cancelled': async (id) => await jobs.cancel('a', id, 'ask'),
    'job.expired': async () => await expect.poll(() => jobs.tick().then(() => released.length)).toBe(1),
  };

  test.each(Object.entries(endings))('as %s', async (type, end) => {
    const { id, webhook: asked } = await submit({ ttlMs: type === 'job.expired' ? 1 : null });
    const delivery = asked?.delivery ?? '';
    expect(await read(delivery)).toBeNull();
    await end(id);
    expect(takeReleased()).toEqual([{ id: delivery, attempt: 0 }]);
    expect(await read(delivery)).toEqual({
      ...{ id: delivery, job_id: id, type, url: asked?.url, status: 'pending', attempts: [] },
      next_attempt_at: expect.any(String),
    });
  });

  test('none before the end, none without a webhook, and none for a finisher that is stale', async () => {
    const { id } = await submit();
    await jobs.start(id, 'w');
    expect(await jobs.finish({ id, worker: 'w', attempt: 2 }, done())).toBe(false);
    await ended({ webhook: null });
    expect(takeReleased()).toEqual([]);
    expect((await deliveries.list('a', { jobId: null, status: null, limit: 9, cursor: null })).items).toEqual(
      [],
    );
  });
});

describe('an attempt', () => {
  test('gets what it has to say: of the job all but the script, in the state of its end', async () => {
    const id = await ended();
    const started = await deliveries.start({ id, attempt: 0 });
    expect(started).toMatchObject({
      ...{ id, attempt: 0, tries: 0, type: 'job.succeeded', url: 'https://receiver.example/hook' },
      ...{ secret: 'whsec_secret', headers: { 'x-a': 'b' } },
    });
    const record = started && (await deliveries.readJob(started));
    expect(record).toMatchObject({ result: '"result"', job: { status: 'succeeded', stdout: 'out' } });
    expect(started?.endedAt).toBe(record?.job.finished_at);
  });

  test('is recorded once: what comes late, or twice, changes nothing', async () => {
    const id = await ended();
    expect(await deliveries.record({ id, attempt: 0 }, made(), { status: 'delivered' }, false)).toBe(true);
    const before = await read(id);
    expect(before).toMatchObject({ status: 'delivered', attempts: [made()], next_attempt_at: null });
    expect(await deliveries.record({ id, attempt: 0 }, failed, soon, true)).toBe(false);
    expect(await deliveries.record({ id, attempt: 1 }, failed, soon, true)).toBe(false);
    expect(await deliveries.start({ id, attempt: 0 })).toBeNull();
    expect(await read(id)).toEqual(before);
  });

  test('that failed is followed by the next when its time has come, and not before', async () => {
    const id = await ended();
    takeReleased();
    await deliveries.record({ id, attempt: 0 }, failed, later, true);
    await jobs.tick();
    expect(takeReleased()).toEqual([]);
    await deliveries.repeat('a', id);
    expect(takeReleased()).toEqual([{ id, attempt: 1 }]);
    expect(await deliveries.start({ id, attempt: 1 })).toMatchObject({ tries: 1 });
    await deliveries.record({ id, attempt: 1 }, failed, { status: 'pending', inMs: 5 }, true);
    await expect.poll(() => jobs.tick().then(takeReleased)).toEqual([{ id, attempt: 2 }]);
  });

  test('is not made, and leaves its place, when the job was deleted past the store', async () => {
    const id = await ended();
    await redis.del(`${prefix}:job:${(await read(id))?.job_id}`);
    expect(await deliveries.start({ id, attempt: 0 })).toBeNull();
    expect(await read(id)).toBeNull();
    expect(await deliveries.releasedSince(-60_000)).toEqual([]);
  });

  test('that was released and never recorded is known to the sweep, by the id that BullMQ has', async () => {
    const id = await ended();
    expect(await deliveries.releasedSince(60_000)).toEqual([]);
    expect(await deliveries.releasedSince(-60_000)).toEqual([`${id}.0`]);
    await deliveries.record({ id, attempt: 0 }, made(), { status: 'delivered' }, false);
    expect(await deliveries.releasedSince(-60_000)).toEqual([]);
  });
});

describe('a receiver', () => {
  const many = async (count: number, changes: Partial<NewJob> & { url?: string } = {}) => {
    const { url, ...job } = changes;
    for (let made = 0; made < count; made += 1) await ended({ webhook: webhook(url), ...job });
  };

  test('has at most 8 attempts at once, and another one behind it does not wait', async () => {
    await many(30, { url: 'http://slow.example' });
    expect(released).toHaveLength(8);
    const other = await ended({ webhook: webhook('http://quick.example') });
    expect(takeReleased().at(-1)).toEqual({ id: other, attempt: 0 });
  });

  test('that kept its senders waiting has one at once, until it answers again', async () => {
    await many(30, { url: 'http://slow.example' });
    for (const ref of takeReleased()) await deliveries.record(ref, failed, later, true);
    const [only, ...others] = takeReleased();
    expect(others).toEqual([]);
    await deliveries.record(only ?? { id: '', attempt: 0 }, made(), { status: 'delivered' }, false);
    expect(takeReleased()).toHaveLength(8);
  });

  test('is one by its origin: other paths share its places', async () => {
    for (let path = 0; path < 20; path += 1) await ended({ webhook: webhook(`http://slow.example/${path}`) });
    expect(released).toHaveLength(8);
  });

  test('among many of one tenant leaves half of all places to other tenants, and goes on when one is free', async () => {
    for (let host = 0; host < 15; host += 1) await many(5, { url: `http://h${host}.example` });
    const first = takeReleased();
    expect(first).toHaveLength(50);
    const other = await ended({ tenant: 'b', webhook: webhook('http://other.example') });
    expect(takeReleased()).toEqual([{ id: other, attempt: 0 }]);
    for (const ref of first) await deliveries.record(ref, made(), { status: 'delivered' }, false);
    const rest = takeReleased();
    expect(rest).toHaveLength(25);
    for (const ref of rest) await deliveries.record(ref, made(), { status: 'delivered' }, false);
    expect(
      (await deliveries.list('a', { jobId: null, status: 'pending', limit: 9, cursor: null })).items,
    ).toEqual([]);
  });
});

describe('a dead letter', () => {
  const dead: AfterAttempt = { status: 'dead', keptMs: 60_000 };

  test('is sent again under its id, with all its retries', async () => {
    const id = await ended();
    takeReleased();
    await deliveries.record({ id, attempt: 0 }, failed, dead, true);
    expect(await read(id)).toMatchObject({ status: 'dead', next_attempt_at: null });
    expect(takeReleased()).toEqual([]);
    expect(await deliveries.repeat('b', id)).toBeNull();
    expect(await deliveries.repeat('a', id)).toBe('sent');
    expect(takeReleased()).toEqual([{ id, attempt: 1 }]);
    expect(await deliveries.start({ id, attempt: 1 })).toMatchObject({ tries: 0 });
    expect(await read(id)).toMatchObject({ status: 'pending', attempts: [failed] });
  });

  test('that was tried 30 times is not sent again', async () => {
    const id = await ended();
    await redis.hset(`${prefix}:delivery:${id}`, 'status', 'dead', 'attempts', limits.webhook.attempts);
    expect(await deliveries.repeat('a', id)).toBe('attempts');
  });
});

describe('the record of a job whose retention is over', () => {
  const expire = async () =>
    await expect
      .poll(() => jobs.deleteExpired().then(() => redis.zcount(`${prefix}:retained`, '-inf', Date.now())))
      .toBe(0);
  const keysLeft = async () =>
    (await redis.keys(`${prefix}:*`)).filter(
      (key) => !/:(workers(:\w+)?|slots|turn|created_us|delivery_seq|tenant:\w|bytes)$/.test(key),
    );

  test('is hidden, and kept without script and input until its delivery has ended; then all of it is gone', async () => {
    const { id, webhook: asked } = await submit({ retentionMs: 0 });
    const delivery = asked?.delivery ?? '';
    await jobs.start(id, 'w');
    await jobs.finish({ id, worker: 'w', attempt: 1 }, done());
    await expire();
    expect(await jobs.read(id)).toBeNull();
    const record = await redis.hgetall(`${prefix}:job:${id}`);
    expect(record).toMatchObject({ result: '"result"', webhook_secret: 'whsec_secret' });
    expect([record.script, record.input]).toEqual([undefined, undefined]);
    await deliveries.record({ id: delivery, attempt: 0 }, made(), { status: 'delivered' }, false);
    await expire();
    expect(await keysLeft()).toEqual([]);
    expect(await redis.get(`${prefix}:bytes`)).toBe('0');
  });

  test('stays for a dead letter, for as long as that is kept', async () => {
    const id = await ended({ retentionMs: 0 });
    await deliveries.record({ id, attempt: 0 }, failed, { status: 'dead', keptMs: 60_000 }, true);
    await expire();
    expect(await read(id)).toMatchObject({ status: 'dead' });
    expect(await deliveries.repeat('a', id)).toBe('sent');
    await deliveries.record({ id, attempt: 1 }, failed, { status: 'dead', keptMs: 0 }, true);
    await expire();
    expect(await keysLeft()).toEqual([]);
  });
});

describe('a list', () => {
  const list = async (changes: Partial<Parameters<DeliveryStore['list']>[1]> = {}, tenant = 'a') =>
    await deliveries.list(tenant, { jobId: null, status: null, limit: 2, cursor: null, ...changes });

  test("holds the tenant's own, newest first, page by page, and by status", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.unshift(await ended());
    const foreign = await ended({ tenant: 'b' });
    const seen: string[] = [];
    for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
      const page: Awaited<ReturnType<typeof list>> = await list({ cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    }
    expect(seen).toEqual(ids);
    expect((await list({}, 'b')).items.map(({ id }) => id)).toEqual([foreign]);
    await deliveries.record({ id: ids[1] ?? '', attempt: 0 }, made(), { status: 'delivered' }, false);
    expect((await list({ status: 'delivered' })).items.map(({ id }) => id)).toEqual([ids[1]]);
    expect((await list({ status: 'pending', limit: 9 })).items).toHaveLength(4);
  });

  test("of one job holds that job's, for nobody else", async () => {
    const { id, webhook: asked } = await submit();
    expect((await list({ jobId: id })).items).toEqual([]);
    await jobs.cancel('a', id, 'ask');
    expect((await list({ jobId: id })).items.map((item) => item.id)).toEqual([asked?.delivery]);
    expect((await list({ jobId: id, status: 'dead' })).items).toEqual([]);
    expect((await list({ jobId: id }, 'b')).items).toEqual([]);
  });
});
