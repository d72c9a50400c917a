import { jobSchema } from '@jobcell/shared/contract';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { startApi, type TestApi } from './api.ts';
import { type StandInWorker, startWorker } from './stand-in-worker.ts';

/** What each test of a file has: an API that is connected, on the Redis of the file. */
export type EachTest = {
  readonly redis: TestRedis;
  readonly api: TestApi;
  /** Starts the worker of this test, which ends with it. */
  work(behave: Parameters<typeof startWorker>[2]): Promise<StandInWorker>;
  /** Posts a job; gives its id. */
  accepted(): Promise<string>;
};

/** Sets that up for every test of the calling file. A test that leaves a wait behind fails. */
export function eachTest(settings: Record<string, string>): EachTest {
  let redis: TestRedis;
  let api: TestApi;
  let worker: StandInWorker | undefined;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    api = await startApi(redis.url, settings);
    await until('the API is connected', async () => (await api.call.get('/ready')).text.includes('worker'));
  });
  afterEach(async () => {
    await worker?.stop();
    worker = undefined;
    await until('no listener is left', () => api.parts.waiter.size + api.parts.feeds.size === 0);
    await api.close();
  });
  return {
    get redis() {
      return redis;
    },
    get api() {
      return api;
    },
    async work(behave) {
      worker = await startWorker(redis.url, api.prefix, behave);
      return worker;
    },
    async accepted() {
      const answer = await api.call.post('/jobs', { script: 'def main(): return 1' });
      expect(answer.status).toBe(202);
      return jobSchema.parse(answer.json).id;
    },
  };
}
