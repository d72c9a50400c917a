import { keySchema, listSchema } from '@jobcell/shared/contract';
import { describe, expect, test } from 'vitest';
import { problemOf } from '../testing/caller.ts';
import { eachTest } from '../testing/each-test.ts';
import { bearer, keyRequest } from '../testing/keys.ts';

const suite = eachTest({});
const make = (changes: Parameters<typeof keyRequest>[0] = {}) =>
  suite.api.parts.keys.create(keyRequest(changes));
const list = async (query: string, key: string) =>
  listSchema(keySchema).parse((await suite.api.call.get(`/admin/keys${query}`, bearer(key))).json);

describe('200', () => {
  test('shows every key of every tenant, newest first, and no secret', async () => {
    const first = await make({ tenant: 'acme', limits: { backlog: 5 } });
    const second = await make();
    const answer = await suite.api.call.get('/admin/keys', bearer(second.key));
    const { items, next_cursor } = listSchema(keySchema).parse(answer.json);
    expect(items.map(({ id }) => id).sort()).toEqual([first.id, second.id].sort());
    expect(items.find(({ id }) => id === first.id)).toMatchObject({
      ...{ tenant: 'acme', expires_at: null, last_used_at: null, created_at: first.created_at },
      limits: { requests_per_second: null, jobs_at_once: null, backlog: 5, store_mb: null },
    });
    expect(next_cursor).toBeNull();
    for (const { key } of [first, second]) expect(answer.text).not.toContain(key.split('_').at(-1));
  });

  test('is cut at `limit`, and goes on at `cursor`', async () => {
    const { key } = await make();
    for (const _ of Array(4)) await make();
    const whole = (await list('', key)).items.map(({ id }) => id);
    const first = await list('?limit=2', key);
    const second = await list(`?limit=2&cursor=${first.next_cursor}`, key);
    const third = await list(`?limit=2&cursor=${second.next_cursor}`, key);
    expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(whole);
    expect(third.next_cursor).toBeNull();
  });
});

test.each([
  'limit=0',
  'limit=101',
  'limit=x',
  'cursor=',
  'cursor=x',
  'cursor=%2b',
  'tenant=a',
  'limit=1&limit=2',
])('400 for ?%s', async (query) => {
  expect(problemOf(await suite.api.call.get(`/admin/keys?${query}`)).code).toBe('invalid_request');
});

test('401 without a key, 403 without the scope', async () => {
  const { key } = await make({ scopes: ['jobs:read'] });
  expect(problemOf(await suite.api.call.get('/admin/keys')).code).toBe('unauthorized');
  expect(problemOf(await suite.api.call.get('/admin/keys', bearer(key))).code).toBe('forbidden');
});

test('503 when Redis is gone', async () => {
  await suite.redis.kill('SIGKILL');
  expect(problemOf(await suite.api.call.get('/admin/keys')).code).toBe('store_unavailable');
  await suite.redis.launch();
});
