import { createLogger } from '@jobcell/shared/log';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { until } from '../../../tests/support/until.ts';
import { drivers, skipOf } from './testing/machine.ts';
import { sayAndSleep, sleep } from './testing/scripts.ts';
import { TestStore } from './testing/store.ts';
import { descendantsOf, remainsOf, startWorkerOf, untilProven } from './testing/worker-process.ts';

const log = createLogger('silent', 'test');
/** BullMQ's lock, two looks at stalled jobs, and the job itself. */
const PATIENCE_MS = 60_000;

let redis: TestRedis;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

function callerOf(): TestStore {
  const caller = new TestStore(redis.url, log);
  ends.push(() => caller.close());
  return caller;
}

function start(caller: TestStore, driver: string) {
  const worker = startWorkerOf(caller, { SANDBOX_DRIVER: driver });
  ends.push(() => worker.end('SIGKILL'));
  return worker;
}

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describe.each(drivers)('on the $name driver', ({ name, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'a worker', () => {
    test('that is killed leaves nothing, and its job ends once, by another one', {
      timeout: 90_000,
    }, async () => {
      const caller = callerOf();
      const first = start(caller, name);
      const id = await untilProven(caller, first);
      const job = await caller.submit(sleep, { input: '2' });
      await caller.untilRunning(job);
      const pids = descendantsOf(first.process.pid ?? 0);
      await first.end('SIGKILL');
      start(caller, name);
      await until('nothing is left of the first', async () => (await remainsOf(id, name, pids)).length === 0);
      const { job: ended } = await caller.untilEnded(job, PATIENCE_MS);
      expect(ended).toMatchObject({ status: 'succeeded', attempts: 2 });
    });
  });
});

describe.skipIf(skipOf('process') !== null)(skipOf('process') ?? 'a worker', () => {
  test('that was frozen past its lock writes nothing of a job that another one ran', {
    timeout: 90_000,
  }, async () => {
    const caller = callerOf();
    const frozen = start(caller, 'process');
    await untilProven(caller, frozen);
    const job = await caller.submit(sayAndSleep, { input: '3' });
    await caller.untilPrinted(job);
    frozen.process.kill('SIGSTOP');
    start(caller, 'process');
    const ended = await caller.untilEnded(job, PATIENCE_MS);
    frozen.process.kill('SIGCONT');
    await until('the outcome is refused', () =>
      frozen.log().includes('outcome dropped: the attempt is stale'),
    );
    expect((await caller.read(job)).job).toEqual(ended.job);
    expect(ended.job).toMatchObject({ status: 'succeeded', attempts: 2 });
  });
});
