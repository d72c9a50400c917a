import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '@jobcell/shared/log';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import type { Pool } from '../sandbox/pool.ts';
import { startConsumer, type TestConsumerOptions } from '../testing/consumer.ts';
import { skipOf } from '../testing/machine.ts';
import { quick, sleep } from '../testing/scripts.ts';
import { TestStore } from '../testing/store.ts';

const log = createLogger('silent', 'test');
const skip = skipOf('process');

let redis: TestRedis;
let caller: TestStore;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(() => {
  caller = new TestStore(redis.url, log);
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await caller.close();
});
afterAll(() => redis.stop());

async function start(options: TestConsumerOptions = {}) {
  const started = await startConsumer(caller, options);
  ends.push(() => started.end());
  return started;
}

/** Ends the one slot from outside, wherever it is leased. */
function killOnly(pool: Pool): boolean {
  const [slot] = pool.slots;
  return slot !== undefined && process.kill(Number(slot), 'SIGKILL');
}

const forgotten = async (...ids: string[]) => (await caller.queue.missing(ids)).length === ids.length;

describe.skipIf(skip !== null)(skip ?? 'a consumer', () => {
  test('runs what the queue hands out, each job once', async () => {
    const { consumer } = await start({ slots: 2 });
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
    await until('the queue has forgotten them', () => forgotten(...ids));
  });

  test('takes nothing without capacity, and goes on when it has some', async () => {
    const { consumer } = await start();
    await caller.untilEnded(await caller.submit(quick));
    consumer.setCapacity(0);
    await caller.submit(quick); // one fetch may be under way
    const waiting = await caller.submit(quick);
    await delay(300);
    expect((await caller.read(waiting)).job.status).toBe('queued');
    consumer.setCapacity(1);
    await caller.untilEnded(waiting);
  });

  test('runs a job again whose slot dies; its one outcome is the second attempt’s', async () => {
    const { pool } = await start();
    const id = await caller.submit(sleep, { input: '1' });
    await caller.untilRunning(id);
    expect(killOnly(pool)).toBe(true);
    const { job } = await caller.untilEnded(id);
    expect(job).toMatchObject({ status: 'succeeded', attempts: 2 });
  });

  test('ends a job whose slot dies three times as a sandbox_failure', async () => {
    const { pool } = await start();
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

  test('does not run again what failed by its own fault', async () => {
    await start();
    const { job } = await caller.untilEnded(
      await caller.submit('def main():\n  import os\n  os.kill(os.getpid(), 11)'),
    );
    expect(job).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { code: 'crashed', signal: 'SIGSEGV' },
    });
  });

  test('writes nothing when its attempt is stale', async () => {
    await start();
    const id = await caller.submit(sleep, { input: '1' });
    await caller.untilRunning(id);
    const taken = await caller.store.start(id, 'w-other'); // as after a lock that ran out
    expect(taken).toMatchObject({ started: true, job: { attempt: 2 } });
    await until('the queue has forgotten it', () => forgotten(id));
    expect((await caller.read(id)).job).toMatchObject({ status: 'running', attempts: 2 });
  });

  test('does not start a job a second time that it is handed again because its lock was lost', {
    timeout: 60_000,
  }, async () => {
    const { consumer } = await start({ slots: 2 });
    // BullMQ hands it out at its second look, 10 s after the start, or a look later where it skips one.
    const id = await caller.submit(sleep, { input: '20', timeoutMs: 30_000 });
    await caller.untilRunning(id);
    await caller.redis.del(`${caller.prefix}:bull:jobs:${id}:lock`);
    await until('it is handed out again', () => consumer.load.taken === 2);
    expect(consumer.load.running).toBe(1);
    expect((await caller.untilEnded(id)).job).toMatchObject({ status: 'succeeded', attempts: 1 });
  });

  test('starts nothing for an id whose job is gone', async () => {
    const { consumer } = await start();
    await caller.queue.add([{ id: 'no-such-job', lane: 'background' }]);
    await until('the queue has forgotten it', () => forgotten('no-such-job'));
    expect(consumer.load).toMatchObject({ taken: 1, running: 0 });
  });

  test('that is rebuilt takes jobs, and those of before it end', async () => {
    const { consumer } = await start({ slots: 2 });
    const before = await caller.submit(sleep, { input: '1' });
    await caller.untilRunning(before);
    consumer.rebuild();
    const after = await caller.submit(quick);
    expect((await caller.untilEnded(after)).job.attempts).toBe(1);
    expect((await caller.untilEnded(before)).job.attempts).toBe(1);
  });
});
