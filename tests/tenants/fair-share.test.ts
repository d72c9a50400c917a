import type { Job } from '@jobcell/shared/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../faults/store.ts';
import { drivers } from '../support/drivers.ts';
import type { Client, RunRequest } from '../support/http.ts';
import { callerWithKey } from '../support/keys.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const SLOTS = 4;
const driver = drivers.find(({ name }) => name === 'process');
const trivial: RunRequest = { script: 'def main(): return 1' };
const endless: RunRequest = { script: 'def main():\n  while True: pass', timeout_ms: 30_000 };

describe.skipIf(driver?.skip !== null)(driver?.skip ?? `tenants who share ${SLOTS} slots`, () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await startStack({ driver: 'process', slots: SLOTS });
  });
  afterEach(() => stack?.stop());

  test('a job of B starts within two job times while 5,000 of A wait', async () => {
    // A may use every slot: what it may run at once by default would leave half of them free.
    const [a, b] = [
      await callerWithKey(stack, { limits: { jobs_at_once: SLOTS } }),
      await callerWithKey(stack),
    ];
    const jobMs = 500;
    const sleeper = { script: `import time\ndef main():\n  time.sleep(${jobMs / 1000})` };
    await submitMany(a, 5_000, sleeper);
    await until('A has every slot', async () => (await statusCount(a, 'running')) === SLOTS);
    const job = await a.get('/jobs?status=queued&limit=1');
    expect(job.status).toBe(200);
    const first = await ended(b, await b.submit(trivial));
    expect(first.timing.queue_ms).toBeLessThan(2 * jobMs);
  });

  test('of 1,000 jobs that A submitted first, none starts after one that A submitted later at the same priority', async () => {
    const a = await callerWithKey(stack);
    const first = await submitMany(a, 1_000, trivial);
    const later = await submitMany(a, 1_000, trivial);
    const last = later.at(-1) ?? '';
    await until('all have ended', async () => (await a.job(last, 30_000)).status === 'succeeded', 120_000);
    const view = await openStore(stack);
    await until('none is left', async () => (await view.unsettled()).running === 0);
    const startOf = async (id: string) => Number(await view.redis.hget(`jobcell:job:${id}`, 'started_at'));
    const [firsts, laters] = [await Promise.all(first.map(startOf)), await Promise.all(later.map(startOf))];
    view.close();
    expect(Math.max(...firsts)).toBeLessThanOrEqual(Math.min(...laters));
    expect(firsts).toEqual(firsts.toSorted((one, other) => one - other));
  });

  test('with as many endless loops of A as there are slots, /execute of B stays within 5 times its idle time', async () => {
    const [a, b] = [await callerWithKey(stack), await callerWithKey(stack)];
    const idle = await timesOf(b, 100);
    for (let n = 0; n < SLOTS; n += 1) await a.submit(endless);
    await until('they run, as many as may', async () => (await statusCount(a, 'running')) === SLOTS / 2);
    const busy = await timesOf(b, 100);
    expect(await statusCount(a, 'running')).toBe(SLOTS / 2);
    console.log(
      `idle p50 ${at(idle, 0.5)} ms; beside endless loops p50 ${at(busy, 0.5)} ms, p95 ${at(busy, 0.95)} ms`,
    );
    expect(at(busy, 0.95)).toBeLessThan(5 * at(idle, 0.5));
  });

  test('jobs of a tenant that may run no more wait, and run when it may', async () => {
    const a = await callerWithKey(stack, { limits: { jobs_at_once: 1 } });
    const ids = await submitMany(a, 6, { script: 'import time\ndef main():\n  time.sleep(0.2)' });
    const jobs = await Promise.all(ids.map((id) => ended(a, id)));
    const spans = jobs.map(({ started_at, finished_at }) => [
      Date.parse(started_at ?? ''),
      Date.parse(finished_at ?? ''),
    ]);
    for (const [n, [started = 0]] of spans.entries()) {
      if (n > 0) expect(started).toBeGreaterThanOrEqual(spans[n - 1]?.[1] ?? Number.POSITIVE_INFINITY);
    }
  });
});

/** Submits in order; gives the ids in that order. */
async function submitMany(client: Client, count: number, request: RunRequest): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await client.submit(request));
  return ids;
}

async function ended(client: Client, id: string): Promise<Job> {
  return await until(`job ${id} has ended`, async () => {
    const job = await client.job(id, 10_000);
    return job.finished_at !== null && job;
  });
}

async function statusCount(client: Client, status: string): Promise<number> {
  const { body } = await client.get(`/jobs?status=${status}&limit=100`);
  return (body as { items: unknown[] }).items.length;
}

/** How long calls of `/execute` take, one after another, in milliseconds. */
async function timesOf(client: Client, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count + 10; n += 1) {
    const began = performance.now();
    expect((await client.post('/execute', trivial)).status).toBe(200);
    if (n >= 10) times.push(performance.now() - began);
  }
  return times;
}

function at(times: number[], share: number): number {
  const sorted = times.toSorted((one, other) => one - other);
  return Math.round((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) * 10) / 10;
}
