import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '@jobcell/shared/log';
import { connectRedis, type JobStore } from '@jobcell/shared/store';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { Pool } from '../sandbox/pool.ts';
import { makeDriver, skipOf } from '../testing/machine.ts';
import { TestStore } from '../testing/store.ts';
import { Consumer } from './consumer.ts';

const log = createLogger('silent', 'test');
const never = new AbortController().signal;
const skip = skipOf('process');

const quick = 'def main():\n  return 1';
const sleep = 'import time\ndef main(s):\n  print("began", flush=True)\n  time.sleep(s)\n  return s';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
});

type Parts = { consumer: Consumer; pool: Pool; end(graceMs?: number, hasten?: AbortSignal): Promise<void> };
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function storeOf(): TestStore {
  const caller = new TestStore(redis.url, log);
  ends.push(() => caller.close());
  return caller;
}

/** A consumer with real slots of its own, as a worker of the name `worker`. */
async function consumerOf(
  caller: TestStore,
  worker: string,
  slots = 1,
  wrap: (store: JobStore) => Pick<JobStore, 'start' | 'finish' | 'giveBack' | 'retry'> = (store) => store,
): Promise<Parts> {
  const driver = makeDriver('process', { worker, installation: caller.prefix, log });
  const pool = new Pool({ driver, size: slots, refuse: () => null, onChange: () => undefined, log });
  const connection = connectRedis(redis.url, 'blocking', log);
  const store = wrap(caller.store);
  const consumer = new Consumer({ redis: connection, prefix: caller.prefix, store, pool, worker, log });
  pool.start();
  await until('the slots are there', () => pool.usable === slots);
  consumer.setCapacity(slots);
  let ended: Promise<void> | undefined;
  const end = (graceMs = 0, hasten = never) => {
    ended ??= (async () => {
      await consumer.stop(graceMs, hasten);
      await pool.close();
      connection.disconnect();
    })();
    return ended;
  };
  ends.push(() => end());
  return { consumer, pool, end };
}

describe.skipIf(skip !== null)(skip ?? 'a consumer', () => {
  test('runs what the queue hands out, as many at once as it has capacity for', async () => {
    const caller = storeOf();
    const { consumer } = await consumerOf(caller, 'w-1', 2);
    const ids = await Promise.all(Array.from({ length: 10 }, () => caller.submit(quick)));
    for (const id of ids) {
      const { job, result } = await caller.untilEnded(id);
      expect({ result, ...job }).toMatchObject({
        status: 'succeeded',
        result: '1',
        attempts: 1,
        isolation: 'nsjail',
      });
    }
    expect(consumer.load).toMatchObject({ capacity: 2, taken: 10 });
    await until('the queue has forgotten them', async () => (await caller.queue.missing(ids)).length === 10);
  });

  test('takes nothing without capacity, and goes on when it has some', async () => {
    const caller = storeOf();
    const { consumer } = await consumerOf(caller, 'w-1');
    const first = await caller.submit(quick);
    await caller.untilEnded(first);
    consumer.setCapacity(0);
    await caller.submit(quick); // one fetch may be under way
    const waiting = await caller.submit(quick);
    await delay(300);
    expect((await caller.read(waiting)).job.status).toBe('queued');
    consumer.setCapacity(1);
    await caller.untilEnded(waiting);
  });

  test('a job whose slot dies is run again, and its one outcome is the second attempt’s', async () => {
    const caller = storeOf();
    const { pool } = await consumerOf(caller, 'w-1');
    const id = await caller.submit(sleep, { input: '1' });
    await caller.untilRunning(id);
    expect(killOnly(pool)).toBe(true);
    const { job } = await caller.untilEnded(id);
    expect(job).toMatchObject({ status: 'succeeded', attempts: 2 });
  });

  test('a job whose slot dies three times is a sandbox_failure', async () => {
    const caller = storeOf();
    const { pool } = await consumerOf(caller, 'w-1', 1);
    const id = await caller.submit(sleep, { input: '15' });
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await until(`attempt ${attempt} runs`, async () => {
        const { job } = await caller.read(id);
        return job.attempts === attempt && job.status === 'running';
      });
      await until('its slot is killed', () => killOnly(pool));
    }
    const { job } = await caller.untilEnded(id);
    expect(job).toMatchObject({ status: 'failed', attempts: 3, error: { code: 'sandbox_failure' } });
  });

  test('a script’s own failure is not run again', async () => {
    const caller = storeOf();
    await consumerOf(caller, 'w-1');
    const id = await caller.submit('def main():\n  import os\n  os.kill(os.getpid(), 11)');
    const { job } = await caller.untilEnded(id);
    expect(job).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'crashed', signal: 'SIGSEGV' },
    });
  });

  test('a finisher whose attempt is stale writes nothing', async () => {
    const caller = storeOf();
    await consumerOf(caller, 'w-1');
    const id = await caller.submit(sleep, { input: '1' });
    await caller.untilRunning(id);
    const taken = await caller.store.start(id, 'w-other'); // as after a lock that ran out
    expect(taken).toMatchObject({ started: true, job: { attempt: 2 } });
    await until('the queue has forgotten it', async () => (await caller.queue.missing([id])).length === 1);
    const { job } = await caller.read(id);
    expect(job).toMatchObject({ status: 'running', attempts: 2 });
  });

  test('a job that is terminal or gone is not started', async () => {
    const caller = storeOf();
    const { consumer } = await consumerOf(caller, 'w-1');
    await caller.queue.add('no-such-job', 'background');
    await until('it was taken', () => consumer.load.taken === 1);
    await until(
      'the queue has forgotten it',
      async () => (await caller.queue.missing(['no-such-job'])).length === 1,
    );
  });

  test('a stopped consumer lets its jobs end within the grace, and starts none', async () => {
    const caller = storeOf();
    const { end } = await consumerOf(caller, 'w-1');
    const id = await caller.submit(sleep, { input: '1' });
    await caller.untilRunning(id);
    const late = await caller.submit(quick);
    await end(20_000);
    expect((await caller.read(id)).job).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect((await caller.read(late)).job.status).toBe('queued');
  });

  test('what still runs after the grace is given back uncounted, and another worker runs it', async () => {
    const caller = storeOf();
    const { end } = await consumerOf(caller, 'w-1');
    const id = await caller.submit(sleep, { input: '3', lane: 'execute' });
    await caller.untilRunning(id);
    await end(200);
    expect((await caller.read(id)).job).toMatchObject({ status: 'queued', attempts: 0, started_at: null });
    await consumerOf(caller, 'w-2');
    expect((await caller.untilEnded(id)).job).toMatchObject({ status: 'succeeded', attempts: 1 });
  });

  test('a second signal ends the grace', async () => {
    const caller = storeOf();
    const { end } = await consumerOf(caller, 'w-1');
    const id = await caller.submit(sleep, { input: '15' });
    await caller.untilRunning(id);
    const hasten = new AbortController();
    const ending = end(60_000, hasten.signal);
    hasten.abort();
    await ending;
    expect((await caller.read(id)).job).toMatchObject({ status: 'queued', attempts: 0 });
  });

  test('an outcome is not lost because Redis restarts', async () => {
    const own = await startRedis();
    ends.push(() => own.stop());
    const caller = new TestStore(own.url, log);
    ends.push(() => caller.close());
    const driver = makeDriver('process', { worker: 'w-1', installation: caller.prefix, log });
    const pool = new Pool({ driver, size: 1, refuse: () => null, onChange: () => undefined, log });
    const connection = connectRedis(own.url, 'blocking', log);
    const request = connectRedis(own.url, 'request', log);
    const { JobStore: Store } = await import('@jobcell/shared/store');
    const store = new Store(request, caller.prefix, { maxQueued: 10, maxStoreMb: 10 });
    const consumer = new Consumer({
      redis: connection,
      prefix: caller.prefix,
      store,
      pool,
      worker: 'w-1',
      log,
    });
    ends.push(async () => {
      await consumer.stop(0, never);
      await pool.close();
      connection.disconnect();
      request.disconnect();
    });
    pool.start();
    await until('the slot is there', () => pool.usable === 1);
    consumer.setCapacity(1);
    const id = await caller.submit(sleep, { input: '1' });
    await caller.untilRunning(id);
    await own.kill('SIGKILL');
    await delay(2_000); // the job ends meanwhile
    await own.launch();
    expect((await caller.untilEnded(id)).job).toMatchObject({ status: 'succeeded', attempts: 1 });
    await caller.untilEnded(await caller.submit(quick));
  });

  test('a rebuilt consumer takes jobs, and those of before it end', async () => {
    const caller = storeOf();
    const { consumer } = await consumerOf(caller, 'w-1', 2);
    const before = await caller.submit(sleep, { input: '1' });
    await caller.untilRunning(before);
    consumer.rebuild();
    const after = await caller.submit(quick);
    expect((await caller.untilEnded(after)).job.attempts).toBe(1);
    expect((await caller.untilEnded(before)).job.attempts).toBe(1);
  });
});

/** Kills the launcher of the one slot, wherever it is leased. */
function killOnly(pool: Pool): boolean {
  const [slot] = pool.slots;
  if (slot === undefined) return false;
  process.kill(Number(slot), 'SIGKILL');
  return true;
}
