import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { beforeEach, describe, expect, test } from 'vitest';
import type { SandboxFacts } from '../contract/index.ts';
import { newJob } from '../testing/new-job.ts';
import { redisOfFile } from '../testing/redis-of-file.ts';
import { JobStore, type NewJob, type Outcome, WorkerRegistry } from './index.ts';

const file = redisOfFile();
let redis: Redis;
let prefix: string;
let store: JobStore;
let released: string[];

beforeEach(async () => {
  ({ redis, prefix } = file);
  released = [];
  store = new JobStore(redis, prefix, {
    limits: { maxQueued: 1_000, maxStoreMb: 10 },
    onReleased: ({ jobs }) => released.push(...jobs.map(({ id }) => id)),
  });
  const facts = {} as SandboxFacts;
  await new WorkerRegistry(redis, prefix).beat({ id: 'w', slots: 1, facts, reason: null });
});

async function submit(changes: Partial<NewJob> = {}): Promise<string> {
  const job = newJob(changes);
  expect(await store.create(job)).toEqual({ created: true });
  return job.id;
}

async function running(changes: Partial<NewJob> = {}): Promise<string> {
  const id = await submit(changes);
  expect((await store.start(id, 'w')).started).toBe(true);
  return id;
}

const holder = (id: string, attempt = 1) => ({ id, worker: 'w', attempt });
const done = {
  status: 'succeeded',
  result: '"result"',
  stdout: 'out',
  stderr: 'err',
  runtime: {},
} as unknown as Outcome;
const statusOf = async (id: string) => (await store.read(id))?.job.status;

/** Every key but those that stay: nothing of the jobs may be left in one. */
async function keysLeft(): Promise<string[]> {
  const keys = await redis.keys(`${prefix}:*`);
  const stay = /:(workers(:\w+)?|slots|turn|created_us|tenant:a|bytes)$/;
  return keys.filter((key) => !stay.test(key));
}

describe('a job that is cancelled', () => {
  test('while it is queued is terminal at once, never starts, and its wait is over', async () => {
    for (const changes of [
      {},
      { delayMs: 60_000 },
      { ttlMs: 60_000 },
      { lane: 'execute' },
    ] as Partial<NewJob>[]) {
      const id = await submit(changes);
      expect(await store.cancel('a', id, 'ask')).toBe('cancelled');
      expect(await store.start(id, 'w')).toMatchObject({ started: false });
      expect((await store.read(id))?.job).toMatchObject({
        status: 'cancelled',
        error: { code: 'cancelled' },
        attempts: 0,
      });
    }
  });

  test('makes room for the next', async () => {
    const [first, second] = [await submit(), await submit()];
    expect(released).toEqual([first]);
    await store.cancel('a', first, 'ask');
    expect(released).toEqual([first, second]);
  });

  test('while it runs is told to its worker, and ends as the worker says', async () => {
    const listener = redis.duplicate();
    const told: string[] = [];
    listener.on('message', (_channel, id) => told.push(id));
    await listener.subscribe(store.cancelChannel);
    const id = await running();
    expect(await store.askedToCancel([id])).toEqual([]);
    expect(await store.cancel('a', id, 'ask')).toBe('running');
    await expect.poll(() => told).toEqual([id]);
    expect(await store.askedToCancel([id, randomUUID()])).toEqual([id]);
    const cancelled = {
      ...done,
      status: 'cancelled',
      result: null,
      error: { code: 'cancelled', message: 'm' },
    } as Outcome;
    expect(await store.finish(holder(id), cancelled)).toBe(true);
    expect((await store.read(id))?.job).toMatchObject({ status: 'cancelled', stdout: 'out' });
    expect(await store.cancel('a', id, 'ask')).toBe('cancelled');
    listener.disconnect();
  });

  test('while it runs can be ended without its worker, whose outcome is then stale', async () => {
    const id = await running();
    expect(await store.cancel('a', id, 'now')).toBe('cancelled');
    expect(await store.finish(holder(id), done)).toBe(false);
    expect(await statusOf(id)).toBe('cancelled');
  });

  test('is not started again when its attempt fails, is given back or is lost', async () => {
    const ends = [
      (id: string) => store.retry(holder(id), { code: 'sandbox_failure', message: 'm' }),
      (id: string) => store.giveBack(holder(id)),
      (id: string) => store.start(id, 'other'),
    ];
    for (const end of ends) {
      const id = await running();
      await store.cancel('a', id, 'ask');
      await end(id);
      expect(await statusOf(id)).toBe('cancelled');
    }
  });

  test('is cancelled even when its last attempt fails', async () => {
    const id = await running();
    for (const attempt of [1, 2]) {
      await store.retry(holder(id, attempt), { code: 'sandbox_failure', message: 'm' });
      await store.start(id, 'w');
    }
    await store.cancel('a', id, 'ask');
    expect(await store.retry(holder(id, 3), { code: 'sandbox_failure', message: 'm' })).toBe('cancelled');
  });

  test('that has ended stays as it ended', async () => {
    const id = await running();
    await store.finish(holder(id), done);
    for (const how of ['ask', 'now'] as const) expect(await store.cancel('a', id, how)).toBe('succeeded');
  });

  test("must be the tenant's own", async () => {
    const [queued, runs] = [await submit(), await running()];
    for (const id of [queued, runs, randomUUID()]) expect(await store.cancel('b', id, 'now')).toBeNull();
    expect([await statusOf(queued), await statusOf(runs)]).toEqual(['queued', 'running']);
  });
});

describe('a job that ends without an outcome of its sandbox', () => {
  const failure = { code: 'sandbox_failure', message: 'm' } as const;
  const tell = async (id: string, attempt: number) => {
    expect(await store.appendOutput(holder(id, attempt), 'stdout', `é${attempt}`)).toBe(true);
    expect(await store.appendOutput(holder(id, attempt), 'stdout', '!')).toBe(true);
  };

  test('keeps what its last attempt was heard to print, and counts it', async () => {
    const id = await running();
    for (const attempt of [1, 2, 3]) {
      await tell(id, attempt);
      await store.retry(holder(id, attempt), failure);
      await store.start(id, 'w');
    }
    const job = (await store.read(id))?.job;
    expect(job).toMatchObject({ status: 'failed', error: failure, stdout: 'é3!', stderr: null });
    const before = Number(await redis.get(`${prefix}:bytes`));
    await store.deleteData('a', id);
    expect(before - Number(await redis.get(`${prefix}:bytes`))).toBeGreaterThanOrEqual(4);
  });

  test('keeps it when it is cancelled without its worker', async () => {
    const id = await running();
    await tell(id, 1);
    await store.cancel('a', id, 'now');
    expect((await store.read(id))?.job).toMatchObject({ status: 'cancelled', stdout: 'é1!' });
    expect(await store.appendOutput(holder(id), 'stdout', 'late')).toBe(false);
    expect(await redis.keys(`${prefix}:live:*`)).toEqual([]);
  });
});

describe('a job with a time', () => {
  test('is not released before its delay is over, and is then', async () => {
    const id = await submit({ delayMs: 300 });
    await store.tick();
    expect(released).toEqual([]);
    await expect.poll(() => store.tick().then(() => released)).toEqual([id]);
  });

  test('expires when its ttl is over before it starts, wherever it stands', async () => {
    for (const changes of [{}, { delayMs: 1 }, { lane: 'execute' }] as Partial<NewJob>[]) {
      const id = await submit({ ttlMs: 5, ...changes });
      await expect.poll(() => store.tick().then(() => statusOf(id))).toBe('expired');
      expect((await store.read(id))?.job).toMatchObject({
        error: { code: 'expired' },
        attempts: 0,
        started_at: null,
      });
      expect(await store.start(id, 'w')).toMatchObject({ started: false });
    }
  });

  test('does not start past its ttl, though nobody has called it expired', async () => {
    const id = await submit({ ttlMs: 1 });
    await expect.poll(async () => (await redis.time())[0]).toBeTruthy();
    await expect.poll(() => redis.zcount(`${prefix}:expiring`, '-inf', Date.now() - 1)).toBe(1);
    expect(await store.start(id, 'w')).toMatchObject({ started: false });
    expect(await statusOf(id)).toBe('expired');
  });

  test('that has started does not expire any more, not even when it is queued again', async () => {
    const id = await running({ ttlMs: 20 });
    await store.giveBack(holder(id));
    await expect
      .poll(
        async () => Number((await redis.hget(`${prefix}:job:${id}`, 'created_at')) ?? 0) + 20 < Date.now(),
      )
      .toBe(true);
    await store.tick();
    expect((await store.start(id, 'w')).started).toBe(true);
  });
});

test('a record that somebody deletes past the store stands in the way of no other', async () => {
  const gone = [await submit(), await submit(), await submit({ delayMs: 1 }), await submit({ ttlMs: 1 })];
  const ended = await running({ retentionMs: 0 });
  await store.finish(holder(ended), done);
  for (const id of [...gone.slice(1), ended]) await redis.del(`${prefix}:job:${id}`);
  const last = await submit();
  await store.cancel('a', gone[0] ?? '', 'ask');
  await expect.poll(() => store.tick().then(() => redis.zcard(`${prefix}:delayed`))).toBe(0);
  await expect.poll(() => store.tick().then(() => released.at(-1))).toBe(last);
  await expect.poll(() => store.deleteExpired().then(() => redis.zcard(`${prefix}:retained`))).toBe(1);
  expect((await store.list('a', { status: null, limit: 10, cursor: null })).jobs).toHaveLength(2);
});

describe('an idempotency key', () => {
  const once = (key: string, bodyHash = 'h') => ({ idempotency: { key, bodyHash } });

  test('makes one job, of however many requests at once', async () => {
    const jobs = Array.from({ length: 50 }, () => newJob(once('k')));
    const results = await Promise.all(jobs.map((job) => store.create(job)));
    const created = jobs.filter((_, at) => results[at]?.created);
    expect(created).toHaveLength(1);
    const same = { created: false, because: 'same', id: created[0]?.id };
    expect(results.filter(({ created }) => !created)).toEqual(Array(49).fill(same));
  });

  test('with another body is a mismatch; another key, and the same of another tenant, is another job', async () => {
    await submit(once('k'));
    expect(await store.create(newJob(once('k', 'other')))).toEqual({ created: false, because: 'mismatch' });
    await submit(once('k2'));
    await submit({ ...once('k'), tenant: 'b' });
  });

  test('gives its job even when the backlog is full, and is not used up by a refusal', async () => {
    const tight = new JobStore(redis, prefix, {
      limits: { maxQueued: 1, maxStoreMb: 1 },
      onReleased: () => undefined,
    });
    const job = newJob(once('k'));
    expect(await tight.create(job)).toEqual({ created: true });
    expect(await tight.create(newJob(once('k2')))).toEqual({ created: false, because: 'backlog' });
    expect(await tight.create(newJob(once('k')))).toEqual({ created: false, because: 'same', id: job.id });
    await store.cancel('a', job.id, 'ask');
    expect(await tight.create(newJob(once('k2')))).toEqual({ created: true });
  });

  test('is remembered for a day, without the words of the caller', async () => {
    await submit(once('my key'));
    const [key = ''] = await redis.keys(`${prefix}:once:*`);
    expect(key).not.toContain('my key');
    expect(await redis.pttl(key)).toBeGreaterThan(24 * 3_600_000 - 60_000);
  });
});

describe('the data of a job', () => {
  test('can be deleted when it is terminal: texts and bytes go, the rest stays', async () => {
    const id = await running({ metadata: '{"a":"b"}' });
    await store.finish(holder(id), done);
    expect(await store.deleteData('a', id)).toBe('succeeded');
    const record = await redis.hgetall(`${prefix}:job:${id}`);
    for (const text of ['script', 'input', 'result', 'out', 'err'])
      expect(Object.values(record)).not.toContain(text);
    expect(record.bytes).toBe(String('{"a":"b"}'.length));
    expect(await redis.get(`${prefix}:bytes`)).toBe(record.bytes);
    expect((await store.read(id))?.job).toMatchObject({
      status: 'succeeded',
      stdout: null,
      metadata: { a: 'b' },
    });
    expect(await store.deleteData('a', id)).toBe('succeeded');
    await redis.zadd(`${prefix}:retained`, '1', id);
    expect(await store.deleteExpired()).toBe(1);
    expect(await redis.get(`${prefix}:bytes`)).toBe('0');
  });

  test('stays while it is not terminal, and for another tenant', async () => {
    const [queued, runs] = [await submit(), await running()];
    expect([await store.deleteData('a', queued), await store.deleteData('a', runs)]).toEqual([
      'queued',
      'running',
    ]);
    expect(await store.deleteData('b', queued)).toBeNull();
    expect(await redis.hget(`${prefix}:job:${runs}`, 'script')).toBe('script');
  });
});

describe('a list', () => {
  test("shows every job of the tenant once, newest first, over pages, and no one else's", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 25; n += 1) {
      ids.unshift(await submit());
      await submit({ tenant: 'b' });
      await submit({ kind: 'check', lane: 'execute' });
    }
    const seen: string[] = [];
    let [cursor, pages]: [string | null, number] = [null, 0];
    do {
      const page = await store.list('a', { status: null, limit: 5, cursor });
      expect(page.jobs).toHaveLength(5);
      seen.push(...page.jobs.map(({ id }) => id));
      cursor = page.next;
      pages += 1;
    } while (cursor !== null);
    expect(seen).toEqual(ids);
    expect(pages).toBe(5);
  });

  test('shows those of one status, as they are now', async () => {
    const [queued, runs, ended] = [await submit(), await running(), await running()];
    await store.finish(holder(ended), done);
    const cancelled = await submit();
    await store.cancel('a', cancelled, 'ask');
    for (const [status, id] of [
      ['queued', queued],
      ['running', runs],
      ['succeeded', ended],
      ['cancelled', cancelled],
    ] as const) {
      const { jobs, next } = await store.list('a', { status, limit: 10, cursor: null });
      expect([jobs.map((job) => job.id), next]).toEqual([[id], null]);
    }
    expect((await store.list('a', { status: 'failed', limit: 10, cursor: null })).jobs).toEqual([]);
  });

  test('ends with the retention of its jobs', async () => {
    const id = await running({ retentionMs: 0 });
    await store.finish(holder(id), done);
    await expect
      .poll(async () => (await store.list('a', { status: null, limit: 1, cursor: null })).jobs)
      .toEqual([]);
    await expect.poll(() => store.deleteExpired()).toBe(1);
  });
});

test('when all jobs have ended and were deleted, nothing of them is left', async () => {
  const short = { retentionMs: 0 };
  const steps = {
    start: (id: string) => store.start(id, 'w'),
    finish: (id: string) => store.finish(holder(id), done),
    giveBack: (id: string) => store.giveBack(holder(id)),
    ask: (id: string) => store.cancel('a', id, 'ask'),
    now: (id: string) => store.cancel('a', id, 'now'),
  };
  const lives: (keyof typeof steps)[][] = [
    ['ask'],
    ['start', 'now'],
    ['start', 'finish'],
    ['start', 'giveBack', 'ask'],
    ['start', 'ask', 'giveBack'],
  ];
  for (const life of lives) {
    for (const changes of [short, { ...short, delayMs: 50_000 }, { ...short, ttlMs: 60_000 }]) {
      for (const lane of ['execute', 'background'] as const) {
        const id = await submit({ ...changes, lane });
        for (const step of life) await steps[step](id);
      }
    }
  }
  await submit({ ...short, ttlMs: 1 });
  await expect.poll(() => store.tick().then(() => redis.scard(`${prefix}:queued`))).toBe(0);
  let deleted = 0;
  await expect.poll(async () => (deleted += await store.deleteExpired())).toBe(31);
  expect(await keysLeft()).toEqual([]);
  expect(await redis.get(`${prefix}:bytes`)).toBe('0');
  expect(await redis.hget(`${prefix}:tenant:a`, 'bytes')).toBe('0');
});
