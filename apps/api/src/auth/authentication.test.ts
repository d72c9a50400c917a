import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { type Answer, problemOf } from '../testing/caller.ts';
import { eachTest } from '../testing/each-test.ts';
import { bearer, elsewhere, keyRequest } from '../testing/keys.ts';

const suite = eachTest({});

/** A route that needs a key and nothing else: 404 is what it answers to those who may ask. */
const PATH = `/jobs/${crypto.randomUUID()}`;
const ask = (key: string, api: TestApi = suite.api) => api.call.get(PATH, bearer(key));
const make = (changes: Parameters<typeof keyRequest>[0] = {}) =>
  elsewhere(suite.redis.url, suite.api.prefix, (keys) => keys.create(keyRequest(changes)));
const revoke = (id: string) => elsewhere(suite.redis.url, suite.api.prefix, (keys) => keys.revoke(id));

function unauthorizedOf(answer: Answer): string {
  const problem = problemOf(answer);
  expect(problem.code).toBe('unauthorized');
  expect(answer.headers['www-authenticate']).toBe('Bearer');
  return problem.detail;
}

describe('while there are no keys', () => {
  test.each(['', 'Bearer x', 'Basic YTpi', `Bearer jobcell_${'0'.repeat(32)}_${'0'.repeat(48)}`])(
    'anyone may call, whatever stands in Authorization: %j',
    async (value) => {
      const headers = value === '' ? {} : { Authorization: value };
      expect((await suite.api.call.get(PATH, headers)).status).toBe(404);
      expect((await suite.api.call.get('/admin/keys', headers)).status).toBe(200);
    },
  );

  test('the first key, made by another process, is needed within a second', async () => {
    expect((await suite.api.call.get(PATH)).status).toBe(404);
    await make();
    const made = performance.now();
    await until('a key is needed', async () => (await suite.api.call.get(PATH)).status === 401);
    expect(performance.now() - made).toBeLessThan(1_000);
  });

  test('the first key is known at once to a process that asks with it', async () => {
    expect((await suite.api.call.get(PATH)).status).toBe(404); // it now remembers that there are none
    const { key } = await make({ scopes: ['jobs:write'] });
    expect((await ask(key)).status).toBe(403);
    expect((await suite.api.call.get(PATH)).status).toBe(401);
  });
});

describe('a key', () => {
  test('is needed for every route but the open ones, and an unknown path is still not found', async () => {
    await suite.api.parts.keys.create(keyRequest());
    for (const path of ['/health', '/docs', '/openapi.json'])
      expect((await suite.api.call.get(path)).status).toBe(200);
    expect((await suite.api.call.get('/ready')).status).toBe(503); // no worker
    for (const path of ['/runtime', PATH, '/admin/keys']) unauthorizedOf(await suite.api.call.get(path));
    for (const path of ['/execute', '/jobs', '/validate', '/admin/keys'])
      unauthorizedOf(await suite.api.call.post(path, { script: 'def main(): return 1' }));
    expect(problemOf(await suite.api.call.get('/nothing')).code).toBe('not_found');
    expect(problemOf(await suite.api.call.get('/execute')).code).toBe('not_found');
  });

  test('is taken in any spelling of the scheme', async () => {
    const { key } = await make();
    for (const value of [`Bearer ${key}`, `bearer ${key}`, `BEARER   ${key} `])
      expect((await suite.api.call.get(PATH, { Authorization: value })).status).toBe(404);
  });

  test('is refused when it is unknown, when one character is wrong, and when it is sent twice', async () => {
    const { key } = await make();
    const end = key.endsWith('0') ? '1' : '0';
    expect(unauthorizedOf(await ask(key.slice(0, -1) + end))).toBe(
      'There is no such key, or it was revoked.',
    );
    expect(unauthorizedOf(await ask(`jobcell_${'0'.repeat(32)}_${'0'.repeat(48)}`))).toBe(
      'There is no such key, or it was revoked.',
    );
    const twice = `GET ${PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\nAuthorization: Bearer ${key}\r\nConnection: close\r\n\r\n`;
    expect(await suite.api.call.raw(twice)).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('is compared in constant time', async () => {
    const compare = vi.spyOn(crypto, 'timingSafeEqual');
    syncBuiltinESMExports();
    try {
      const { key } = await make();
      await ask(key);
      expect(compare).toHaveBeenCalledTimes(1);
      await ask(`${key.slice(0, -4)}0000`);
      expect(compare).toHaveBeenCalledTimes(2);
    } finally {
      compare.mockRestore();
      syncBuiltinESMExports();
    }
  });

  test('is refused from its expiry on, though it was taken a moment before', async () => {
    const expiresAt = Date.now() + 700;
    const { key } = await make({ expires_at: new Date(expiresAt).toISOString() });
    expect((await ask(key)).status).toBe(404);
    await until('it has expired', async () => (await ask(key)).status === 401);
    expect(Date.now() - expiresAt).toBeLessThan(250);
    expect(unauthorizedOf(await ask(key))).toBe('The key has expired.');
  });

  test('that was the last one and expired still closes the API', async () => {
    const { key } = await make({ expires_at: new Date(Date.now() + 300).toISOString() });
    await until('it has expired', async () => (await ask(key)).status === 401);
    const fresh = await startApi(suite.redis.url, { REDIS_PREFIX: suite.api.prefix });
    await until('it is connected', async () => (await fresh.call.get(PATH)).status === 401);
    await fresh.close();
  });
});

describe('a malformed Authorization header is unauthorized and never a fault', () => {
  beforeEach(async () => {
    await suite.api.parts.keys.create(keyRequest());
  });

  test.each([
    ...['', ' ', 'Bearer', 'Bearer ', 'Bearer  ', 'Basic YTpi', 'Digest username="a"', 'bearer=x', 'null'],
    ...[
      'Bearer a b',
      'Bearer\tx',
      'Bearer jobcell_',
      'Bearer jobcell__',
      'Bearer ☃',
      `Bearer ${'x'.repeat(9_000)}`,
    ],
    ...[
      'Bearer {"id":1}',
      'Bearer ../../keys',
      'Bearer jobcell_*',
      `Bearer jobcell_${'A'.repeat(32)}_${'0'.repeat(48)}`,
    ],
    ...['Bearer __proto__', 'Bearer %00', `Bearer jobcell_${'0'.repeat(32)}_${'0'.repeat(48)}, Bearer x`],
  ])('%j', async (value) => {
    const sent = Buffer.from(value).toString('latin1');
    const detail = unauthorizedOf(await suite.api.call.get(PATH, { Authorization: sent }));
    expect(detail).toMatch(/Authorization|form of a key/);
  });

  test('of any characters that HTTP lets through', async () => {
    const character = fc
      .oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff }))
      .map((code) => String.fromCharCode(code));
    const header = fc.string({ unit: character, maxLength: 200 });
    const anyHeader = fc.oneof(
      header,
      header.map((text) => `Bearer ${text}`),
      header.map((text) => `Bearer jobcell_${text}`),
    );
    await fc.assert(
      fc.asyncProperty(anyHeader, async (value) => {
        const detail = unauthorizedOf(await suite.api.call.get(PATH, { Authorization: value }));
        if (value.trim().length > 10) expect(detail).not.toContain(value.trim());
      }),
      { numRuns: 200 },
    );
  });
});

describe('a revoked key', () => {
  let other: TestApi;
  beforeEach(async () => {
    other = await startApi(suite.redis.url, { REDIS_PREFIX: suite.api.prefix });
    await until('it is connected', async () => (await other.call.get('/ready')).text.includes('worker'));
  });
  afterEach(() => other.close());

  test('is refused at once by the process that revoked it, and within a second by the others', async () => {
    const { id, key } = await make();
    const admin = await make();
    expect([(await ask(key)).status, (await ask(key, other)).status]).toEqual([404, 404]);
    const path = `/admin/keys/${id}`;
    expect((await suite.api.call.send('DELETE', path, bearer(admin.key))).status).toBe(204);
    const revoked = performance.now();
    expect((await ask(key)).status).toBe(401);
    await until('the other refuses it', async () => (await ask(key, other)).status === 401);
    expect(performance.now() - revoked).toBeLessThan(1_000);
    expect((await ask(admin.key, other)).status).toBe(404);
  });

  test('that was the last one leaves the API closed, everywhere', async () => {
    const { id, key } = await make();
    expect((await ask(key)).status).toBe(404);
    await revoke(id);
    for (const api of [suite.api, other]) {
      await until('it is refused', async () => (await ask(key, api)).status === 401);
      unauthorizedOf(await api.call.get(PATH));
    }
  });
});

test('two keys of one tenant live together, so that one can be rotated', async () => {
  const old = await make();
  const fresh = await make({ tenant: old.tenant });
  expect([(await ask(old.key)).status, (await ask(fresh.key)).status]).toEqual([404, 404]);
  await revoke(old.id);
  await until('the old one is refused', async () => (await ask(old.key)).status === 401);
  expect((await ask(fresh.key)).status).toBe(404);
});

describe('the last use of a key', () => {
  const lastUse = (id: string) =>
    elsewhere(suite.redis.url, suite.api.prefix, async (keys) => (await keys.find(id))?.key.last_used_at);

  test('is noted, and not again within a minute', async () => {
    const { id, key } = await make();
    expect(await lastUse(id)).toBeNull();
    await ask(key);
    const noted = await until('it is noted', () => lastUse(id));
    expect(Math.abs(Date.parse(noted) - Date.now())).toBeLessThan(5_000);
    const asked = performance.now();
    await until('what was remembered is old', async () => {
      expect((await ask(key)).status).toBe(404);
      return performance.now() - asked > 600;
    });
    expect(await lastUse(id)).toBe(noted);
  });

  test('is noted again when a minute has passed', async () => {
    const { id, key } = await make();
    const longAgo = Date.now() - 61_000;
    await elsewhere(suite.redis.url, suite.api.prefix, (keys) => keys.used(id, longAgo));
    await ask(key);
    await until('it is noted', async () => Date.parse((await lastUse(id)) ?? '') > longAgo);
  });
});

test('while Redis is down nobody gets in, and the open routes stay open', async () => {
  const { key } = await make();
  expect((await ask(key)).status).toBe(404);
  await suite.redis.kill('SIGKILL');
  try {
    for (const headers of [
      bearer(key),
      bearer(key.replace(/.$/, 'x')),
      {},
      bearer(`${key.slice(0, -2)}00`),
    ]) {
      const { status } = await suite.api.call.get('/admin/keys', headers);
      expect([401, 503]).toContain(status);
    }
    expect(problemOf(await suite.api.call.get('/admin/keys', bearer(key))).code).toBe('store_unavailable');
    expect((await suite.api.call.get('/health')).status).toBe(200);
    const fresh = await startApi(suite.redis.url, { REDIS_PREFIX: suite.api.prefix });
    expect(problemOf(await fresh.call.get(PATH)).code).toBe('store_unavailable');
    expect(problemOf(await fresh.call.get(PATH, bearer(key))).code).toBe('store_unavailable');
    await fresh.close();
  } finally {
    await suite.redis.launch();
  }
});
