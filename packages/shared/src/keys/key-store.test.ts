import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { type KeyRequest, keyCreatedSchema, keySchema } from '../contract/index.ts';
import { createLogger } from '../log.ts';
import { connectRedis, untilReady } from '../store/index.ts';
import { isSecretOf, KeyStore, parseKey } from './index.ts';

let server: TestRedis;
let redis: Redis;
let prefix: string;
let keys: KeyStore;
beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url, 'request', createLogger('silent', 'test'));
  await untilReady(redis, 5_000);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => {
  prefix = `test-${randomUUID()}`;
  keys = new KeyStore(redis, prefix);
});

const request = (changes: Partial<KeyRequest> = {}): KeyRequest => ({
  ...{ name: 'n', scopes: ['jobs:read'] },
  ...changes,
});

test('a key is found by its id, with what was asked for and a hash that its secret fits', async () => {
  const limits = { requests_per_second: 5, store_mb: 7 };
  const asked = request({ tenant: 'acme', expires_at: '2040-01-01T01:00:00+01:00', limits });
  const created = keyCreatedSchema.parse(await keys.create(asked));
  const found = await keys.find(created.id);
  expect(keySchema.parse(found?.key)).toEqual({
    ...{ id: created.id, name: 'n', tenant: 'acme', scopes: ['jobs:read'], created_at: created.created_at },
    limits: { requests_per_second: 5, jobs_at_once: null, backlog: null, store_mb: 7 },
    ...{ expires_at: '2040-01-01T00:00:00.000Z', last_used_at: null },
  });
  const text = parseKey(created.key);
  expect(text?.id).toBe(created.id);
  expect(isSecretOf(text?.secret ?? '', found?.hash ?? Buffer.alloc(32))).toBe(true);
});

test('without a tenant a key is a tenant of its own', async () => {
  const { id, tenant } = await keys.create(request());
  expect(tenant).toBe(id);
});

test('no byte of a secret is in Redis or its files', async () => {
  const { key } = await keys.create(request());
  const secret = parseKey(key)?.secret ?? '';
  const folder = join(server.folder, 'appendonlydir');
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
  expect(files.join('')).toContain(prefix);
  expect(files.join('')).not.toContain(secret);
});

test('there never was a key before the first, and there was one when the last is revoked', async () => {
  expect(await keys.everMade()).toBe(false);
  const { id } = await keys.create(request());
  expect(await keys.everMade()).toBe(true);
  expect(await keys.revoke(id)).toBe(true);
  expect(await keys.everMade()).toBe(true);
});

describe('revoking', () => {
  test('removes a key once, and nothing of it stays', async () => {
    const { id } = await keys.create(request());
    expect(await Promise.all([keys.revoke(id), keys.revoke(id)])).toContain(true);
    expect(await keys.revoke(id)).toBe(false);
    expect(await keys.find(id)).toBeNull();
    expect(await redis.keys(`${prefix}:*`)).toEqual([`${prefix}:keys:required`]);
  });

  test('does not touch another key of the tenant', async () => {
    const old = await keys.create(request());
    const fresh = await keys.create(request({ tenant: old.tenant }));
    await keys.revoke(old.id);
    expect((await keys.find(fresh.id))?.key.tenant).toBe(old.tenant);
  });

  test('is false for an id that is none', async () => {
    for (const id of ['', 'x', '../keys', 'a'.repeat(32)]) expect(await keys.revoke(id)).toBe(false);
  });
});

describe('a use', () => {
  test('is told with the key, and an older one that comes late is not', async () => {
    const { id } = await keys.create(request());
    await keys.used(id, 2_000);
    await keys.used(id, 1_000);
    expect((await keys.find(id))?.key.last_used_at).toBe('1970-01-01T00:00:02.000Z');
  });

  test('that comes after the revocation brings nothing back', async () => {
    const { id } = await keys.create(request());
    await keys.revoke(id);
    await keys.used(id, 1_000);
    expect(await redis.keys(`${prefix}:*`)).toEqual([`${prefix}:keys:required`]);
  });
});

describe('the list', () => {
  const walk = async (limit: number, between: () => Promise<unknown> = async () => undefined) => {
    const ids: string[] = [];
    for (let cursor: string | null = null; ; ) {
      const page = await keys.list(limit, cursor);
      expect(page.items.length).toBeLessThanOrEqual(limit);
      ids.push(...page.items.map(({ id }) => id));
      if (page.next_cursor === null) return ids;
      cursor = page.next_cursor;
      await between();
    }
  };

  test('is empty without keys', async () => {
    expect(await keys.list(10, null)).toEqual({ items: [], next_cursor: null });
  });

  test('has every key once, newest first, whatever the size of its pages', async () => {
    for (let count = 0; count < 7; count += 1) await keys.create(request());
    const whole = (await keys.list(100, null)).items;
    const times = whole.map(({ created_at }) => created_at);
    expect(times).toEqual(times.toSorted().reverse());
    for (const limit of [1, 2, 3, 7, 8]) expect(await walk(limit)).toEqual(whole.map(({ id }) => id));
  });

  test('goes on where it was when the key of the cursor is revoked', async () => {
    for (let count = 0; count < 5; count += 1) await keys.create(request());
    const ids = (await keys.list(100, null)).items.map(({ id }) => id);
    let page = 0;
    expect(await walk(2, () => keys.revoke(ids[2 * page++ + 1] ?? ''))).toEqual(ids);
  });
});
