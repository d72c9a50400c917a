import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { problemOf } from '../testing/caller.ts';
import { eachTest } from '../testing/each-test.ts';
import { bearer, keyRequest } from '../testing/keys.ts';

const suite = eachTest({ TENANT_REQUESTS_PER_SECOND: '7' });

const PATH = `/jobs/${randomUUID()}`;
const make = (changes: Parameters<typeof keyRequest>[0] = {}) =>
  suite.api.parts.keys.create(keyRequest(changes));
const limited = (requests_per_second: number) => ({ limits: { requests_per_second } });

/** Requests that were answered within one window, sent to each API in turn; a burst that took longer is tried again. */
async function burst(count: number, apis: TestApi[], keys: string[]) {
  return await until('a burst lies within one window', async () => {
    await until('a window begins', async () => {
      const { headers } = await suite.api.call.get(PATH, bearer(keys[0] ?? ''));
      return Number(headers['ratelimit-remaining']) === Number(headers['ratelimit-limit']) - 1;
    });
    const started = performance.now();
    const answers = await Promise.all(
      Array.from({ length: count }, (_, at) =>
        (apis[at % apis.length] ?? suite.api).call.get(PATH, bearer(keys[at % keys.length] ?? '')),
      ),
    );
    return performance.now() - started < 700 && answers;
  });
}

describe('requests a second', () => {
  test('are counted over two API processes together', async () => {
    const other = await startApi(suite.redis.url, { REDIS_PREFIX: suite.api.prefix });
    const { key } = await make(limited(10));
    await until('it is connected', async () => (await other.call.get('/ready')).text.includes('worker'));
    const answers = await burst(30, [suite.api, other], [key]);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(9); // one began the window
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(21);
    await other.close();
  });

  test('are counted over all keys of a tenant together, each held to its own limit', async () => {
    const one = await make({ tenant: 'acme', ...limited(10) });
    const two = await make({ tenant: 'acme', ...limited(10) });
    const answers = await burst(30, [suite.api], [one.key, two.key]);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(9);
  });

  test('of one tenant leave those of another alone', async () => {
    const [busy, calm] = [await make(limited(1)), await make()];
    await burst(10, [suite.api], [busy.key]);
    expect((await suite.api.call.get(PATH, bearer(calm.key))).status).toBe(404);
  });

  test('are as the setting says where the key does not', async () => {
    const { key } = await make();
    expect((await suite.api.call.get(PATH, bearer(key))).headers['ratelimit-limit']).toBe('7');
  });
});

describe('an answer to a keyed caller', () => {
  test('says the limit, what is left of it and when it is whole again, refused or not', async () => {
    const { key } = await make({ ...limited(5), scopes: ['jobs:read'] });
    const first = await suite.api.call.get(PATH, bearer(key));
    expect(first.headers).toMatchObject({ 'ratelimit-limit': '5', 'ratelimit-remaining': '4' });
    expect(first.headers['ratelimit-reset']).toBe('1');
    const forbidden = await suite.api.call.get('/admin/keys', bearer(key));
    expect([forbidden.status, forbidden.headers['ratelimit-limit']]).toEqual([403, '5']);
  });

  test('over the limit is rate_limited, names the limit, and says when to try again', async () => {
    const { key } = await make(limited(1));
    const refused = (await burst(5, [suite.api], [key])).find(({ status }) => status === 429);
    if (refused === undefined) throw new Error('none was refused');
    expect(problemOf(refused)).toMatchObject({
      ...{
        code: 'rate_limited',
        detail: 'The requests of this tenant are limited to 1 a second (requests_per_second).',
      },
    });
    expect(refused.headers).toMatchObject({
      ...{ 'retry-after': '1', 'ratelimit-limit': '1', 'ratelimit-remaining': '0', 'ratelimit-reset': '1' },
    });
    await until(
      'it is served again',
      async () => (await suite.api.call.get(PATH, bearer(key))).status === 404,
    );
  });
});

describe('nobody is limited', () => {
  test('on an open route', async () => {
    const { key } = await make(limited(1));
    for (const _ of Array(5)) {
      const { status, headers } = await suite.api.call.get('/health', bearer(key));
      expect([status, headers['ratelimit-limit']]).toEqual([200, undefined]);
    }
  });

  test('by requests with a wrong key for the same id', async () => {
    const { key } = await make(limited(2));
    await until('a window begins', async () => {
      const { headers } = await suite.api.call.get(PATH, bearer(key));
      return headers['ratelimit-remaining'] === '1';
    });
    const wrong = `${key.slice(0, -4)}${key.endsWith('0000') ? '1111' : '0000'}`;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => suite.api.call.get(PATH, bearer(wrong))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(answers[0]?.headers).not.toHaveProperty('ratelimit-limit');
    expect((await suite.api.call.get(PATH, bearer(key))).status).toBe(404);
  });

  test('while there are no keys', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => suite.api.call.get(PATH)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    expect(answers[0]?.headers).not.toHaveProperty('ratelimit-limit');
  });
});
