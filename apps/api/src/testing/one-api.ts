import { afterAll, beforeAll, expect } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { startApi, type TestApi } from './api.ts';
import { type Answer, problemOf } from './caller.ts';

/** What the tests of a file share when none of them changes anything: one API that takes jobs. */
export type OneApi = {
  readonly call: TestApi['call'];
  /** Posts a body to `/jobs`. */
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Posts a body that must be refused with `code`; gives the detail. */
  refusedWith(code: string, body: unknown, headers?: Record<string, string>): Promise<string>;
};

/** Sets that up for the calling file. */
export function oneApi(settings: Record<string, string>): OneApi {
  let redis: TestRedis;
  let api: TestApi;
  beforeAll(async () => {
    redis = await startRedis();
    api = await startApi(redis.url, settings);
    await until('the API is connected', async () => (await api.call.get('/ready')).text.includes('worker'));
  });
  afterAll(async () => {
    await api.close();
    await redis.stop();
  });
  const post: OneApi['post'] = (body, headers = {}) => api.call.post('/jobs', body, headers);
  return {
    get call() {
      return api.call;
    },
    post,
    async refusedWith(code, body, headers = {}) {
      const problem = problemOf(await post(body, headers));
      expect(problem.code).toBe(code);
      return problem.detail;
    },
  };
}
