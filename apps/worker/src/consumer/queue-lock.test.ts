import { createLogger } from '@jobcell/shared/log';
import { jobWorkerSettings } from '@jobcell/shared/queue';
import { connectRedis } from '@jobcell/shared/store';
import { type Job, Worker } from 'bullmq';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { TestStore } from '../testing/store.ts';
import { queueLock } from './queue-lock.ts';

const log = createLogger('silent', 'test');
const LOCK_MS = 10_000;

let redis: TestRedis;
let caller: TestStore;
let worker: Worker;
beforeAll(async () => {
  redis = await startRedis();
  caller = new TestStore(redis.url, log);
  const { name, options } = jobWorkerSettings(caller.prefix);
  const connection = connectRedis(redis.url, 'blocking', log);
  worker = new Worker(name, null, { ...options, connection });
  worker.on('closed', () => connection.disconnect());
});
afterAll(async () => {
  await worker.close();
  await caller.close();
  await redis.stop();
});

/** A job as BullMQ hands it out, with its lock. */
async function taken(): Promise<{ job: Job; lockKey: string }> {
  await caller.submit('def main(): pass');
  const job: Job | undefined = await worker.getNextJob('token', { block: false });
  if (job === undefined) throw new Error('no job');
  return { job, lockKey: `${worker.toKey(job.id ?? '')}:lock` };
}

test('a lock of just now is believed without asking', async () => {
  const { job, lockKey } = await taken();
  await caller.redis.del(lockKey);
  expect(await queueLock(job, 'token', LOCK_MS).held()).toBe(true);
});

test('after a standstill the lock is asked for: held when it is there, and renewed', async () => {
  const { job, lockKey } = await taken();
  await caller.redis.pexpire(lockKey, 1_000);
  job.processedOn = Date.now() - 5_000;
  expect(await queueLock(job, 'token', LOCK_MS).held()).toBe(true);
  expect(await caller.redis.pttl(lockKey)).toBeGreaterThan(5_000);
});

test('after a standstill a lock that ran out, or that another has, is not held', async () => {
  const [gone, other] = [await taken(), await taken()];
  await caller.redis.del(gone.lockKey);
  await caller.redis.set(other.lockKey, 'another token');
  for (const { job } of [gone, other]) {
    job.processedOn = Date.now() - 5_000;
    expect(await queueLock(job, 'token', LOCK_MS).held()).toBe(false);
  }
});
