import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { beforeEach, describe, expect, test } from 'vitest';
import type { SandboxFacts, TenantLimits } from '../contract/index.ts';
import { newJob } from '../testing/new-job.ts';
import { redisOfFile } from '../testing/redis-of-file.ts';
import { JobStore, type NewJob, type Outcome, type Priority, WorkerRegistry } from './index.ts';

const SLOTS = 4;
const facts = {} as SandboxFacts;

const file = redisOfFile();
let redis: Redis;
let store: JobStore;
let registry: WorkerRegistry;
/** Ids as BullMQ would get them, of each lane. */
let ready: Record<'execute' | 'background', string[]>;

beforeEach(async () => {
  ({ redis } = file);
  const { prefix } = file;
  ready = { execute: [], background: [] };
  registry = new WorkerRegistry(redis, prefix);
  store = new JobStore(redis, prefix, {
    limits: { maxQueued: 100_000, maxStoreMb: 100 },
    onReleased: ({ jobs }) => {
      for (const { id, lane } of jobs) ready[lane].push(id);
    },
  });
  await registry.beat({ id: 'w', slots: SLOTS, facts, reason: null });
});

const all: TenantLimits = { requestsPerSecond: 1, jobsAtOnce: 1_000, backlog: 100_000, storeBytes: 1e9 };

type Changes = Partial<NewJob> & { share?: TenantLimits | null };

function create(tenant: string, { share = all, ...changes }: Changes) {
  const job = newJob({ id: `${tenant}-${randomUUID()}`, tenant, ...changes });
  return store.create(job, share).then((result) => ({ result, id: job.id }));
}

/** Accepts a job of `tenant`; its id begins with the tenant's name. */
async function submit(tenant: string, changes: Changes = {}): Promise<string> {
  const { result, id } = await create(tenant, changes);
  expect(result).toEqual({ created: true });
  return id;
}

const done = { status: 'succeeded', result: '1', stdout: '', stderr: '', runtime: {} } as unknown as Outcome;
const finish = (id: string) => store.finish({ id, worker: 'w', attempt: 1 }, done);

/** Starts what is ready, `execute` first, until `slots` jobs run. */
async function fill(running: string[], slots = SLOTS): Promise<void> {
  while (running.length < slots) {
    const id = ready.execute.shift() ?? ready.background.shift();
    if (id === undefined) return;
    expect((await store.start(id, 'w')).started, id).toBe(true);
    running.push(id);
  }
}

/** Runs everything, one job ending after the other, oldest first; gives the order of the starts. */
async function runAll(slots = SLOTS): Promise<string[]> {
  const [running, started]: string[][] = [[], []];
  for (;;) {
    const before = running?.length ?? 0;
    await fill(running ?? [], slots);
    started?.push(...(running?.slice(before) ?? []));
    const first = running?.shift();
    if (first === undefined) return started ?? [];
    await finish(first);
  }
}

const tenantsOf = (ids: string[]) => ids.map((id) => id.split('-')[0]).join('');

describe('jobs that wait', () => {
  test('are ready for at most as many slots as there are, beside those that run', async () => {
    for (let n = 0; n < 20; n += 1) await submit('a');
    expect(ready.background).toHaveLength(SLOTS);
    const running: string[] = [];
    await fill(running);
    expect(ready.background).toHaveLength(SLOTS);
    await finish(running[0] ?? '');
    expect(ready.background).toHaveLength(SLOTS);
  });

  test('start in the order in which their tenant submitted them', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 100; n += 1) ids.push(await submit('a'));
    expect(await runAll()).toEqual(ids);
  });

  test('do not start before an older one of their line whose id is on its way, unless that takes too long', async () => {
    const [first, second, other] = [
      await submit('a'),
      await submit('a'),
      await submit('a', { priority: 'high' }),
    ];
    const early = { started: false, early: true };
    expect(await store.start(second, 'w', 60_000)).toEqual(early);
    expect((await store.start(other, 'w', 60_000)).started).toBe(true);
    expect((await store.start(first, 'w', 60_000)).started).toBe(true);
    expect((await store.start(second, 'w', 60_000)).started).toBe(true);
    const [lost, later] = [await submit('a'), await submit('a')];
    expect(await store.start(later, 'w', 60_000)).toEqual(early);
    await expect.poll(() => store.start(later, 'w', 1)).toMatchObject({ started: true });
    expect((await store.read(lost))?.job.status).toBe('queued');
  });

  test('wait for slots: none is ready while there is no worker, all are once there is', async () => {
    await registry.leave('w');
    const id = await submit('a');
    expect(ready.background).toEqual([]);
    await registry.beat({ id: 'w2', slots: 1, facts, reason: null });
    await store.tick();
    expect(ready.background).toEqual([id]);
  });

  test('do not count on the slots of a worker whose sandbox is not proven', async () => {
    await registry.beat({ id: 'w', slots: SLOTS, facts: null, reason: 'a socket could be made' });
    await submit('a');
    expect(ready.background).toEqual([]);
  });

  test('go high before normal before low, and execute before all of them', async () => {
    await registry.leave('w');
    for (const priority of ['low', 'normal', 'high'] satisfies Priority[])
      await submit(priority, { tenant: 'a', priority, id: `${priority}-1` });
    await submit('x', { tenant: 'a', lane: 'execute', id: 'execute-1' });
    await registry.beat({ id: 'w', slots: 1, facts, reason: null });
    await store.tick();
    expect(await runAll(1)).toEqual(['execute-1', 'high-1', 'normal-1', 'low-1']);
  });
});

describe('tenants', () => {
  test('take turns, whatever the length of their lines', async () => {
    for (let n = 0; n < 1_000; n += 1) await submit('a');
    for (let n = 0; n < 10; n += 1) await submit('b');
    for (let n = 0; n < 10; n += 1) await submit('c');
    const order = tenantsOf(await runAll());
    // What was ready and what ran before the others came: two rounds of slots at most.
    expect(order.slice(SLOTS, SLOTS + 30)).toMatch(/^(abc|bca|cab|acb|cba|bac)+$/);
    expect(order).toHaveLength(1_020);
  });

  test('with one job only are not passed over by one with thousands', async () => {
    for (let n = 0; n < 5_000; n += 1) await submit('a');
    const running: string[] = [];
    await fill(running);
    const first = await submit('b');
    const before: string[] = [];
    while (!running.includes(first)) {
      before.push(running.shift() ?? '');
      await finish(before.at(-1) ?? '');
      await fill(running);
    }
    expect(before.length).toBeLessThanOrEqual(2 * SLOTS);
  });

  test('take turns with what is executed, too', async () => {
    for (let n = 0; n < 40; n += 1) await submit('a', { lane: 'execute' });
    for (let n = 0; n < 4; n += 1) await submit('b', { lane: 'execute' });
    expect(tenantsOf(await runAll()).slice(SLOTS, SLOTS + 8)).toMatch(/^(ab|ba)+$/);
  });

  test('run at most so many at once, and half of all slots without a number', async () => {
    for (const [jobsAtOnce, most] of [
      [1, 1],
      [3, 3],
      [null, SLOTS / 2],
    ] as const) {
      const tenant = `t${most}`;
      const share = { ...all, jobsAtOnce };
      for (let n = 0; n < 10; n += 1) await submit(tenant, { share });
      const running: string[] = [];
      await fill(running, 100);
      expect(running).toHaveLength(most);
      await submit(tenant, { share, lane: 'execute' });
      expect(ready.execute).toEqual([]);
      await finish(running[0] ?? '');
      expect(ready.execute).toHaveLength(1);
      while (running.length > 0) {
        await finish(running.shift() ?? '');
        await fill(running, 100);
      }
    }
  });

  test('that run as many as they may leave the other slots to others', async () => {
    const share = { ...all, jobsAtOnce: null };
    for (let n = 0; n < 10; n += 1) await submit('a', { share });
    const running: string[] = [];
    await fill(running);
    const other = await submit('b', { share, lane: 'execute' });
    await fill(running);
    expect(running).toContain(other);
  });

  test('without limits, as while there are no keys, have all slots', async () => {
    for (let n = 0; n < 10; n += 1) await submit('a', { share: null });
    const running: string[] = [];
    await fill(running);
    expect(running).toHaveLength(SLOTS);
  });

  test('that end all they have are back with the next job', async () => {
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 5; n += 1) await submit('a', { share: { ...all, jobsAtOnce: 1 } });
      expect(await runAll()).toHaveLength(5);
    }
  });
});

describe('a tenant has a limit of its own', () => {
  test('of jobs that wait, which another tenant does not feel', async () => {
    const share = { ...all, backlog: 2 };
    await submit('a', { share, delayMs: 1_000 });
    await submit('a', { share });
    expect((await create('a', { share })).result).toEqual({ created: false, because: 'tenant_backlog' });
    await submit('b', { share });
  });

  test('of bytes, which its deleted records give back', async () => {
    const share = { ...all, storeBytes: 100 };
    const first = await submit('a', { share, script: 'x'.repeat(90), retentionMs: 0 });
    const more = { share, script: 'x'.repeat(20) };
    expect((await create('a', more)).result).toEqual({ created: false, because: 'tenant_bytes' });
    await submit('b', { share, script: 'x'.repeat(20) });
    await fill([]);
    await finish(first);
    await expect.poll(() => store.deleteExpired()).toBe(1);
    await submit('a', { share, script: 'x'.repeat(90) });
  });
});
