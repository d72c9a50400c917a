import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '@jobcell/shared/log';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { startConsumer, type TestConsumerOptions } from '../testing/consumer.ts';
import { skipOf } from '../testing/machine.ts';
import { quick, sleep } from '../testing/scripts.ts';
import { TestStore } from '../testing/store.ts';

const log = createLogger('silent', 'test');
const skip = skipOf('process');

let redis: TestRedis;
let caller: TestStore;
const ends: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  redis = await startRedis();
  caller = new TestStore(redis.url, log);
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await caller.close();
  await redis.stop();
});

async function start(options: TestConsumerOptions = {}) {
  const started = await startConsumer(caller, options);
  ends.push(() => started.end());
  return started;
}

/** A job that runs for so many seconds, and does so now. */
async function running(seconds: number): Promise<string> {
  const id = await caller.submit(sleep, { input: String(seconds), lane: 'execute' });
  await caller.untilRunning(id);
  return id;
}

describe.skipIf(skip !== null)(skip ?? 'a consumer that is stopped', () => {
  test('lets its jobs end within the grace, and starts none', async () => {
    const { end } = await start();
    const id = await running(1);
    const late = await caller.submit(quick);
    await end(20_000);
    expect((await caller.read(id)).job).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect((await caller.read(late)).job.status).toBe('queued');
  });

  test('gives back uncounted what runs after the grace, and another worker runs it', async () => {
    const { end } = await start();
    const id = await running(3);
    await end(200);
    expect((await caller.read(id)).job).toMatchObject({ status: 'queued', attempts: 0, started_at: null });
    await start({ worker: 'w-2' });
    expect((await caller.untilEnded(id)).job).toMatchObject({ status: 'succeeded', attempts: 1 });
  });

  test('ends the grace when it is hastened', async () => {
    const { end } = await start();
    const id = await running(15);
    const hasten = new AbortController();
    const ending = end(60_000, hasten.signal);
    hasten.abort();
    await ending;
    expect((await caller.read(id)).job).toMatchObject({ status: 'queued', attempts: 0 });
  });

  test('does not wait for a Redis that is away when nothing runs', async () => {
    const { end } = await start();
    await redis.kill('SIGKILL');
    const before = performance.now();
    await end(60_000);
    expect(performance.now() - before).toBeLessThan(20_000);
    await redis.launch();
  });
});

describe.skipIf(skip !== null)(skip ?? 'an outcome', () => {
  test('is not lost because Redis restarts while the job ends', async () => {
    await start();
    const id = await running(1);
    await redis.kill('SIGKILL');
    await delay(2_000); // the job ends meanwhile
    await redis.launch();
    expect((await caller.untilEnded(id)).job).toMatchObject({ status: 'succeeded', attempts: 1 });
    await caller.untilEnded(await caller.submit(quick));
  });
});
