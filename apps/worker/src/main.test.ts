import { createLogger } from '@jobcell/shared/log';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { until } from '../../../tests/support/until.ts';
import { drivers } from './testing/machine.ts';
import { sleep } from './testing/scripts.ts';
import { TestStore } from './testing/store.ts';
import { descendantsOf, remainsOf, startWorkerOf, untilProven } from './testing/worker-process.ts';

const log = createLogger('silent', 'test');

let redis: TestRedis;
let caller: TestStore;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  redis = await startRedis();
  caller = new TestStore(redis.url, log);
});
afterAll(async () => {
  await caller.close();
  await redis.stop();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function start(settings: Record<string, string>) {
  const worker = startWorkerOf(caller, settings);
  ends.push(() => worker.end('SIGKILL'));
  return worker;
}

describe('a worker that cannot be started', () => {
  test.each([
    [{ SANDBOX_SLOTS: '0' }, 'SANDBOX_SLOTS must be a whole number from 1 to 256; it is "0"'],
    [{ REDIS_URL: '' }, 'REDIS_URL must be set for a worker that is started by itself'],
  ])('because of %j says so in one message and ends with 2', async (settings, message) => {
    const worker = start(settings);
    expect(await worker.end()).toBe(2);
    expect(worker.log().trim()).toBe(message);
  });
});

describe.each(drivers)('on the $name driver', ({ name, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'a worker', () => {
    test('proves its sandbox and runs jobs; after SIGTERM it leaves nothing and ends with 0', async () => {
      const worker = start({ SANDBOX_DRIVER: name });
      const id = await untilProven(caller, worker);
      // The first slot is what proves the sandbox; the second may still be made.
      const live = await until('both slots are there', async () =>
        (await caller.registry.list()).find(({ slots }) => slots === 2),
      );
      expect(live).toMatchObject({ reason: null, facts: { isolation: 'nsjail' } });
      const running = await caller.submit(sleep, { input: '1' });
      await caller.untilRunning(running);
      const pids = descendantsOf(worker.process.pid ?? 0);
      const ending = worker.end('SIGTERM');
      await until(
        'it says that it takes no jobs',
        async () => (await caller.registry.list())[0]?.facts === null,
      );
      expect(await ending).toBe(0);
      expect((await caller.read(running)).job).toMatchObject({ status: 'succeeded', attempts: 1 });
      expect(await caller.registry.list()).toEqual([]);
      expect(await remainsOf(id, name, pids)).toEqual([]);
      expect(worker.log()).not.toMatch(/time\.sleep|"level":(40|50|60)/);
    });

    test('that is told to end before it is ready leaves nothing, too', async () => {
      const worker = start({ SANDBOX_DRIVER: name });
      const [live] = await until('it lives', async () => {
        const list = await caller.registry.list();
        return list.length > 0 && list;
      });
      const pids = descendantsOf(worker.process.pid ?? 0);
      expect(await worker.end('SIGINT')).toBe(0);
      expect(await remainsOf(live?.id ?? '', name, pids)).toEqual([]);
    });
  });
});
