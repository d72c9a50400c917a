import { keyCreatedSchema } from '@jobcell/shared/contract';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { problemOf } from '../testing/caller.ts';
import { eachTest } from '../testing/each-test.ts';
import { bearer, keyRequest } from '../testing/keys.ts';

const suite = eachTest({ MAX_QUEUED: '9', MAX_STORE_MB: '10', TENANT_BACKLOG: '4' });
const post = (body: unknown, headers = {}) => suite.api.call.post('/admin/keys', body, headers);
const valid = { name: 'n', scopes: ['jobs:read'] };

describe('201', () => {
  test('shows the key with what was asked for, and it works', async () => {
    const answer = await post({ ...valid, tenant: 'acme', expires_at: '2040-01-01T00:00:00+02:00' });
    expect(answer.status).toBe(201);
    const created = keyCreatedSchema.parse(answer.json);
    expect(created).toMatchObject({
      ...{ name: 'n', scopes: ['jobs:read'], tenant: 'acme', expires_at: '2039-12-31T22:00:00.000Z' },
    });
    expect(created.key).toMatch(new RegExp(`^jobcell_${created.id}_[0-9a-f]{48}$`));
    expect((await suite.api.call.get('/runtime', bearer(created.key))).status).toBe(503); // no worker, but not 401
  });

  test('without a tenant the key is a tenant of its own, and without an expiry it has none', async () => {
    const { id, tenant, expires_at } = keyCreatedSchema.parse((await post(valid)).json);
    expect([tenant, expires_at]).toEqual([id, null]);
  });

  test("gives the key's caller its limits, else the operator's, else half of all", async () => {
    const limits = { requests_per_second: 3, jobs_at_once: 2, store_mb: 1 };
    const bodies = [
      { ...valid, scopes: ['admin'] },
      { ...valid, limits },
    ];
    let headers = {};
    const callers = [];
    for (const body of bodies) {
      const { id, key } = keyCreatedSchema.parse((await post(body, headers)).json);
      headers = bearer(key);
      callers.push(await suite.api.parts.keys.identify({ id, secret: key.split('_').at(-1) ?? '' }));
    }
    expect(callers).toMatchObject([
      { limits: { requestsPerSecond: 1_000, jobsAtOnce: null, backlog: 4, storeBytes: 5 * 1024 * 1024 } },
      { limits: { requestsPerSecond: 3, jobsAtOnce: 2, backlog: 4, storeBytes: 1024 * 1024 } },
    ]);
  });
});

describe('400', () => {
  test.each([
    [{ scopes: ['admin'] }, 'name is missing.'],
    [{ ...valid, name: '' }, 'name must not be empty; it is a string of 0 characters.'],
    [{ ...valid, name: 'x'.repeat(101) }, 'name must be at most 100 characters'],
    [{ ...valid, name: 'a\nb' }, 'name must be one line of text that can be seen'],
    [{ ...valid, name: '\u202eabc' }, 'name must be one line of text that can be seen'],
    [{ name: 'n' }, 'scopes is missing.'],
    [{ ...valid, scopes: [] }, 'scopes must name at least one scope; it is an array.'],
    [{ ...valid, scopes: 'admin' }, 'scopes must be an array; it is a string of 5 characters.'],
    [{ ...valid, scopes: ['admin', 'root'] }, 'scopes[1] must be "jobs:write" or "jobs:read" or "admin"'],
    [{ ...valid, scopes: ['admin', 'admin'] }, 'scopes must name each scope once; it is an array.'],
    [{ ...valid, tenant: 'a:b' }, 'tenant must be 1 to 64 of A-Z, a-z, 0-9, ".", "_" and "-"'],
    [{ ...valid, tenant: null }, 'tenant must be a string; it is null.'],
    [{ ...valid, expires_at: 'tomorrow' }, 'expires_at must be a time as RFC 3339 writes it'],
    [{ ...valid, expires_at: '2020-01-01T00:00:00Z' }, 'expires_at must be in the future'],
    [{ ...valid, limits: { backlog: 0 } }, 'limits.backlog must be at least 1; it is 0.'],
    [{ ...valid, limits: { backlog: 1.5 } }, 'limits.backlog must be a whole number; it is 1.5.'],
    [{ ...valid, limits: { requests: 1 } }, 'limits."requests" is not known here.'],
    [{ ...valid, limits: 5 }, 'limits must be an object; it is 5.'],
    [{ ...valid, key: 'mine' }, '"key" is not known here.'],
    [[], 'The body must be a JSON object.'],
  ])('%j', async (body, detail) => {
    const problem = problemOf(await post(body));
    expect(problem.code).toBe('invalid_request');
    expect(problem.detail).toContain(detail);
  });

  test('makes no key', async () => {
    await post({ ...valid, scopes: [] });
    expect((await suite.api.call.get('/admin/keys')).json).toEqual({ items: [], next_cursor: null });
  });

  test('a query is refused', async () => {
    expect(problemOf(await suite.api.call.post('/admin/keys?name=n', valid)).code).toBe('invalid_request');
  });
});

test('401 without a key, once there is one', async () => {
  await post(valid);
  expect(problemOf(await post(valid)).code).toBe('unauthorized');
});

test('403 with a key that has not the scope admin', async () => {
  const { key } = await suite.api.parts.keys.create(keyRequest({ scopes: ['jobs:read', 'jobs:write'] }));
  expect(problemOf(await post(valid, bearer(key))).code).toBe('forbidden');
});

test('413 and 415 as for any body', async () => {
  expect(problemOf(await post(`{"name":"${'x'.repeat(5 * 1024 * 1024)}"}`)).code).toBe('payload_too_large');
  const text = { 'Content-Type': 'text/plain' };
  expect(problemOf(await post(valid, text)).code).toBe('unsupported_media_type');
});

test('503 when Redis takes no writes, and then no key was made', async () => {
  const redis = new Redis({ path: new URL(suite.redis.url).pathname });
  await redis.config('SET', 'maxmemory', '1');
  expect(problemOf(await post(valid)).code).toBe('store_unavailable');
  await redis.config('SET', 'maxmemory', '0');
  redis.disconnect();
  expect((await suite.api.call.get('/admin/keys')).json).toEqual({ items: [], next_cursor: null });
});
