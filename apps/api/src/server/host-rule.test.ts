import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { problemOf } from '../testing/caller.ts';

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
