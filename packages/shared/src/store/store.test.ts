import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { beforeEach, describe, expect, test } from 'vitest';
import { jobSchema } from '../contract/index.ts';
import { createLogger } from '../log.ts';
import { DeliveryQueue, JobQueue } from '../queue/index.ts';
import { newJob } from '../testing/new-job.ts';
import { redisOfFile } from '../testing/redis-of-file.ts';
import {
  DeliveryStore,
  JobStore,
  jobJson,
  type NewJob,
  type Outcome,
  sweep,
  WorkerRegistry,
} from './index.ts';

const file = redisOfFile();
let redis: Redis;
let prefix: string;
let store: JobStore;
let released: string[];

beforeEach(() => {
  ({ redis, prefix } = file);
  released = [];
  store = new JobStore(redis, prefix, {
    limits: { maxQueued: 3, maxStoreMb: 1 },
    onReleased: ({ jobs }) => released.push(...jobs.map(({ id }) => id)),
  });
});

const succeeded = (result: string): Outcome => ({
  ...{ status: 'succeeded', result, error: null, stdout: 'out', stderr: 'err' },
  ...{ stdoutTruncated: true, stderrTruncated: false, runMs: 1.5, cpuMs: 2, peakMemoryBytes: 5, warm: false },
  ...{
    runtime: { python: '3.13.5', packages: { numpy: '2' } },
    isolation: 'nsjail',
    limitsEnforcedBy: 'cgroup',
  },
});

async function accepted(changes: Partial<NewJob> = {}): Promise<string> {
  const job = newJob(changes);
  expect(await store.create(job)).toEqual({ created: true });
  return job.id;
}

describe('a state change', () => {
  test('carries a job from queued to succeeded, and the job object keeps to the contract at each step', async () => {
    const id = await accepted({ input: '{"a":1.0}' });
    expect((await store.read(id))?.job).toMatchObject({ status: 'queued', attempts: 0, started_at: null });
    const started = await store.start(id, 'w1');
    expect(started).toMatchObject({ started: true, job: { attempt: 1, input: '{"a":1.0}' } });
    expect((await store.read(id))?.job).toMatchObject({ status: 'running', attempts: 1 });
    expect(await store.finish({ id, worker: 'w1', attempt: 1 }, succeeded('[1.0]'))).toBe(true);
    const record = await store.read(id);
    expect(record?.job).toMatchObject({ status: 'succeeded', stdout_truncated: true, stderr: 'err' });
    jobSchema.parse(JSON.parse(jobJson(record ?? expect.fail('no record'))));
  });

  test('keeps the result as the text that it was, digits and key order included', async () => {
    const id = await accepted();
    await store.start(id, 'w1');
    const text = '{"10":1.0,"2":123456789012345678901234567890}';
    await store.finish({ id, worker: 'w1', attempt: 1 }, succeeded(text));
    expect(jobJson((await store.read(id)) ?? expect.fail('no record'))).toContain(`"result":${text},`);
  });

  test('refuses a finisher whose attempt is stale, and a second one', async () => {
    const id = await accepted();
    await store.start(id, 'frozen');
    await store.start(id, 'w2');
    expect(await store.finish({ id, worker: 'frozen', attempt: 1 }, succeeded('"old"'))).toBe(false);
    expect(await store.finish({ id, worker: 'w2', attempt: 2 }, succeeded('"new"'))).toBe(true);
    expect(await store.finish({ id, worker: 'w2', attempt: 2 }, succeeded('"again"'))).toBe(false);
    expect((await store.read(id))?.result).toBe('"new"');
  });

  test('does not start a job that has ended, nor one that is not there', async () => {
    const id = await accepted();
    await store.start(id, 'w1');
    await store.finish({ id, worker: 'w1', attempt: 1 }, succeeded('1'));
    expect(await store.start(id, 'w2')).toMatchObject({ started: false });
    expect(await store.start(randomUUID(), 'w2')).toMatchObject({ started: false });
  });

  test('tells the id of a job that ended, once', async () => {
    const id = await accepted();
    const listener = redis.duplicate();
    const told: string[] = [];
    listener.on('message', (_channel, message) => told.push(message));
    await listener.subscribe(store.finishedChannel);
    await store.start(id, 'w1');
    await store.finish({ id, worker: 'w1', attempt: 1 }, succeeded('1'));
    await store.finish({ id, worker: 'w1', attempt: 1 }, succeeded('1'));
    await expect.poll(() => told).toEqual([id]);
    listener.disconnect();
  });
});

describe('the outcome of a job that names who waits', () => {
  const told = async (changes: Partial<NewJob>, result: string): Promise<string[]> => {
    const listener = redis.duplicate();
    const heard: string[] = [];
    listener.on('message', (_channel, text) => heard.push(text));
    await listener.subscribe(store.outcomeChannel('me'), store.finishedChannel);
    const id = await accepted(changes);
    await store.start(id, 'w1');
    await store.finish({ id, worker: 'w1', attempt: 1 }, succeeded(result));
    await expect.poll(() => heard.at(-1)).toBe(id);
    listener.disconnect();
    return heard.slice(0, -1);
  };

  test('is told to it as it would be read, ahead of the id, without what only Jobcell needs', async () => {
    const result = '{"a":"\u0000é😀/\\u2028","b":[1.0,12345678901234567890]}';
    const texts = await told({ replyTo: 'me', script: 'the script', input: '"the input"' }, result);
    expect(texts).toHaveLength(1);
    const { id, record } = store.readTold(texts[0] ?? '');
    expect(record).toEqual(await store.read(id));
    expect(record?.result).toBe(result);
    expect(texts[0]).not.toMatch(/the script|the input/);
  });

  test('is not told when it is large, nor to anyone where nobody is named', async () => {
    expect(await told({ replyTo: 'me' }, JSON.stringify('x'.repeat(65_536)))).toEqual([]);
    expect(await told({}, '1')).toEqual([]);
  });
});

describe('an attempt', () => {
  test('counts when a worker is lost: the third loss ends the job as worker_lost', async () => {
    const id = await accepted();
    for (const worker of ['w1', 'w2', 'w3']) expect((await store.start(id, worker)).started).toBe(true);
    expect(await store.start(id, 'w4')).toMatchObject({ started: false });
    expect((await store.read(id))?.job).toMatchObject({
      status: 'failed',
      attempts: 3,
      error: { code: 'worker_lost' },
    });
  });

  test('does not count when a worker gives the job back', async () => {
    const id = await accepted();
    for (let round = 0; round < 5; round += 1) {
      await store.start(id, 'w1');
      expect(await store.giveBack({ id, worker: 'w1', attempt: 1 })).toBe(true);
    }
    expect((await store.read(id))?.job).toMatchObject({ status: 'queued', attempts: 0, started_at: null });
    expect(await store.giveBack({ id, worker: 'w1', attempt: 1 })).toBe(false);
  });

  test('counts once when its worker asks to start it again because the answer was lost', async () => {
    const id = await accepted();
    expect(await store.start(id, 'w1')).toEqual(await store.start(id, 'w1'));
    expect((await store.read(id))?.job).toMatchObject({ status: 'running', attempts: 1 });
  });

  test('that fails by a fault of the sandbox is followed by another, three in all', async () => {
    const id = await accepted();
    const ends: string[] = [];
    for (const attempt of [1, 2, 3]) {
      await store.start(id, 'w1');
      ends.push(
        await store.retry({ id, worker: 'w1', attempt }, { code: 'sandbox_failure', message: 'no jail' }),
      );
    }
    expect(ends).toEqual(['queued', 'queued', 'failed']);
    expect((await store.read(id))?.job.error).toEqual({ code: 'sandbox_failure', message: 'no jail' });
  });
});

describe('a limit of the store', () => {
  test('refuses the job past the backlog by name, and takes one again when one has started', async () => {
    const first = await accepted();
    await accepted();
    await accepted();
    expect(await store.create(newJob())).toEqual({ created: false, because: 'backlog' });
    await store.start(first, 'w1');
    await accepted();
  });

  test('refuses the job past 80% of the bytes, takes outcomes past it, and gives the bytes back', async () => {
    const half = 'x'.repeat(600_000);
    const first = await accepted({ script: half, retentionMs: 1 });
    expect(await store.create(newJob({ script: half }))).toEqual({ created: false, because: 'bytes' });
    await store.start(first, 'w1');
    expect(await store.finish({ id: first, worker: 'w1', attempt: 1 }, succeeded(`"${half}"`))).toBe(true);
    await expect.poll(() => store.deleteExpired()).toBe(1);
    expect(await redis.get(`${prefix}:bytes`)).toBe('0');
    await accepted({ script: half });
  });
});

describe('retention', () => {
  test('hides the record at its end, and the sweep deletes it with its script and result', async () => {
    const id = await accepted({ retentionMs: 1 });
    await store.start(id, 'w1');
    await store.finish({ id, worker: 'w1', attempt: 1 }, succeeded('1'));
    await expect.poll(() => store.read(id)).toBeNull();
    await expect.poll(() => store.deleteExpired()).toBe(1);
    expect(await redis.exists(`${prefix}:job:${id}`)).toBe(0);
  });

  test('keeps a record whose time has not come', async () => {
    const id = await accepted();
    await store.start(id, 'w1');
    await store.finish({ id, worker: 'w1', attempt: 1 }, succeeded('1'));
    expect(await store.deleteExpired()).toBe(0);
    expect((await store.read(id))?.job.status).toBe('succeeded');
  });
});

describe('the sweep', () => {
  const parts = () => ({
    store,
    queue: new JobQueue(redis, prefix),
    deliveries: {
      store: new DeliveryStore(redis, prefix, () => undefined),
      queue: new DeliveryQueue(redis, prefix),
    },
    registry: new WorkerRegistry(redis, prefix),
    log: createLogger('silent', 'test'),
  });

  test('gives on a running job whose worker has no heartbeat, and leaves the one whose worker lives', async () => {
    const sweeping = parts();
    const [orphan, held] = [await accepted(), await accepted()];
    await store.start(orphan, 'dead');
    await store.start(held, 'alive');
    await sweeping.registry.beat({ id: 'alive', slots: 1, facts: null, reason: null });
    await sweep(sweeping);
    expect((await store.read(orphan))?.job.status).toBe('queued');
    expect((await store.read(held))?.job.status).toBe('running');
    await Promise.all([sweeping.queue.close(), sweeping.deliveries.queue.close()]);
  });

  test('adds a queued job that BullMQ lacks, once it is older than who might be adding it', async () => {
    const sweeping = parts();
    const id = await accepted();
    await sweep(sweeping);
    expect(await sweeping.queue.missing([id])).toEqual([id]);
    await redis.zadd(`${prefix}:ready:background`, '1', id);
    await sweep(sweeping);
    expect(await sweeping.queue.missing([id])).toEqual([]);
    await Promise.all([sweeping.queue.close(), sweeping.deliveries.queue.close()]);
  });
});

test('records of another schema version are refused, with both versions named', async () => {
  await store.checkSchema();
  await store.checkSchema();
  await redis.set(`${prefix}:schema`, '0');
  await expect(store.checkSchema()).rejects.toThrow('schema 0; this Jobcell reads schema 2');
});

test('a worker is listed from its heartbeat until it leaves', async () => {
  const registry = new WorkerRegistry(redis, prefix);
  const worker = { id: 'w1', slots: 4, facts: null, reason: 'not proven yet' };
  await registry.beat(worker);
  expect(await registry.list()).toEqual([worker]);
  await registry.leave('w1');
  expect(await registry.list()).toEqual([]);
});
