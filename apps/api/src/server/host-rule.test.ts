import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { problemOf } from '../testing/caller.ts';
import { bearer, elsewhere, keyRequest } from '../testing/keys.ts';

let redis: TestRedis;
let api: TestApi;

beforeAll(async () => {
  redis = await startRedis();
  api = await startApi(redis.url);
});
afterAll(async () => {
  await api.close();
  await redis.stop();
});

describe('the Host rule', () => {
  test.each([
    'localhost',
    'LOCALHOST:1',
    'localhost:8080',
    '127.0.0.1',
    '127.0.0.1:65535',
    '[::1]',
    '[::1]:8080',
  ])('serves a request for %s', async (host) => {
    expect((await api.call.get('/health', { Host: host })).status).toBe(200);
  });

  test.each([
    ...[
      'evil.example',
      'localhost.evil.example',
      'evil.example:8080',
      'localhost.',
      '127.0.0.2',
      '127.1',
      '2130706433',
    ],
    ...[
      '0.0.0.0',
      '::1',
      '[::ffff:127.0.0.1]',
      'localhost@evil.example',
      'localhost:',
      'localhost:x',
      'localhost:123456',
    ],
    ...['localhost, evil.example', 'a b', '%6cocalhost', 'localhost/x', '\u00e9'],
  ])('forbids a request for %j, on every route', async (host) => {
    for (const path of ['/health', '/docs', '/nothing', '/execute']) {
      expect(problemOf(await api.call.get(path, { Host: host })).code).toBe('forbidden');
    }
  });

  test('forbids a request with two Hosts, or none', async () => {
    for (const hosts of [
      '',
      'Host:\r\n',
      'Host: localhost\r\nHost: localhost\r\n',
      'Host: localhost\r\nHost: evil.example\r\n',
    ]) {
      expect(await api.call.raw(`GET /health HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 403 /,
      );
    }
    expect(await api.call.raw('GET /health HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 /);
  });

  test('holds for the host of an absolute target too', async () => {
    const get = (target: string) =>
      api.call.raw(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(await get('http://localhost/health')).toMatch(/^HTTP\/1\.1 200 /);
    expect(await get('http://evil.example/health')).toMatch(/^HTTP\/1\.1 403 /);
  });

  test('is not lifted by a forwarding header', async () => {
    const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'localhost', Forwarded: 'host=localhost' };
    expect((await api.call.get('/health', headers)).status).toBe(403);
  });
});

describe('where there are keys', () => {
  let keyed: TestApi;
  beforeEach(async () => {
    keyed = await startApi(redis.url);
    await until('it is connected', async () => (await keyed.call.get('/ready')).text.includes('worker'));
  });
  afterEach(() => keyed.close());
  const foreign = { Host: 'jobs.example' };

  test('any Host is served, to those who have a key', async () => {
    const { key } = await keyed.parts.keys.create(keyRequest());
    expect((await keyed.call.get('/health', foreign)).status).toBe(200);
    expect((await keyed.call.get('/admin/keys', foreign)).status).toBe(401);
    expect((await keyed.call.get('/admin/keys', { ...foreign, ...bearer(key) })).status).toBe(200);
    expect((await keyed.call.get('/docs', foreign)).text).toContain('curl http://jobs.example/execute');
  });

  test('any Host is served within a second after another process made the first one', async () => {
    expect((await keyed.call.get('/health', foreign)).status).toBe(403);
    await elsewhere(redis.url, keyed.prefix, (keys) => keys.create(keyRequest()));
    const made = performance.now();
    await until('it is served', async () => (await keyed.call.get('/health', foreign)).status === 200);
    expect(performance.now() - made).toBeLessThan(1_000);
  });

  test('the rule holds as long as Redis has not said that there are any', async () => {
    const own = await startRedis();
    const late = await startApi(own.url);
    await own.kill('SIGKILL');
    expect(problemOf(await late.call.get('/health', foreign)).code).toBe('forbidden');
    expect((await late.call.get('/health')).status).toBe(200);
    await late.close();
    await own.stop();
  });
});
