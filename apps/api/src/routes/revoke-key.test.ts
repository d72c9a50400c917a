import { expect, test } from 'vitest';
import { problemOf } from '../testing/caller.ts';
import { eachTest } from '../testing/each-test.ts';
import { bearer, keyRequest } from '../testing/keys.ts';

const suite = eachTest({});
const make = (changes: Parameters<typeof keyRequest>[0] = {}) =>
  suite.api.parts.keys.create(keyRequest(changes));
const revoke = (path: string, key?: string) =>
  suite.api.call.send('DELETE', `/admin/keys/${path}`, key === undefined ? {} : bearer(key));

test('204 without a body, and the key is gone from the list and refused', async () => {
  const [admin, other] = [await make(), await make()];
  const answer = await revoke(other.id, admin.key);
  expect([answer.status, answer.text]).toEqual([204, '']);
  const list = await suite.api.call.get('/admin/keys', bearer(admin.key));
  expect((list.json as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual([admin.id]);
  expect(problemOf(await suite.api.call.get('/admin/keys', bearer(other.key))).code).toBe('unauthorized');
});

test('204 for the key that asks, which was its last request', async () => {
  const { id, key } = await make();
  expect((await revoke(id, key)).status).toBe(204);
  expect(problemOf(await revoke(id, key)).code).toBe('unauthorized');
});

test('400 for a query', async () => {
  const { id, key } = await make();
  expect(problemOf(await revoke(`${id}?force=1`, key)).code).toBe('invalid_request');
});

test('404 for a key that never was, that is gone already, and for what is no id', async () => {
  const [admin, other] = [await make(), await make()];
  await revoke(other.id, admin.key);
  for (const id of [other.id, '0'.repeat(32), 'x', '*', '%2e%2e', other.id.toUpperCase(), `${admin.id}%00`])
    expect(problemOf(await revoke(id, admin.key)).code).toBe('not_found');
});

test('401 without a key, 403 without the scope, and the key stays', async () => {
  const { id, key } = await make({ scopes: ['jobs:read', 'jobs:write'] });
  expect(problemOf(await revoke(id)).code).toBe('unauthorized');
  expect(problemOf(await revoke(id, key)).code).toBe('forbidden');
  expect((await suite.api.call.get('/runtime', bearer(key))).status).toBe(503); // no worker, but not 401
});

test('503 when Redis is gone', async () => {
  const { id, key } = await make();
  await suite.redis.kill('SIGKILL');
  expect(problemOf(await revoke(id, key)).code).toBe('store_unavailable');
  await suite.redis.launch();
});
