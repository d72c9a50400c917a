import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { problemOf } from '../testing/caller.ts';
import { startWorker, succeeded } from '../testing/stand-in-worker.ts';
import { closeServer } from './close.ts';

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

const postHead = 'POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

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

describe('a request id', () => {
  test('of the caller is kept where it is sane', async () => {
    for (const id of ['a', 'A.b_c-1', 'x'.repeat(64)]) {
      expect((await api.call.get('/health', { 'X-Request-Id': id })).headers['x-request-id']).toBe(id);
    }
  });

  test.each(['', 'a b', 'x'.repeat(65), 'a/b', '"', '\u00e9'])(
    '%j of the caller is replaced by a new one',
    async (id) => {
      const given = (await api.call.get('/health', { 'X-Request-Id': id })).headers['x-request-id'];
      expect(given).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  test('is the same in the header and in the body of an error, on a refusal by the Host rule too', async () => {
    const headers = { 'X-Request-Id': 'mine-1' };
    expect(problemOf(await api.call.get('/x', headers)).request_id).toBe('mine-1');
    expect(problemOf(await api.call.get('/x', { ...headers, Host: 'evil' })).request_id).toBe('mine-1');
  });
});

describe('what is no proper HTTP', () => {
  test.each([
    ['a broken request line', 'HELLO\r\n\r\n'],
    ['a header with a space before the colon', 'GET / HTTP/1.1\r\nHost : localhost\r\n\r\n'],
    [
      'a chunk that is none',
      'POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
    ],
    ['headers of more than 16 KiB', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['a path of more than 16 KiB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['a backslash in the path', 'GET /jobs\\x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
  ])('is invalid_request as a problem: %s', async (_, bytes) => {
    const answer = await api.call.raw(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/content-type: application\/problem\+json/i);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
      code: 'invalid_request',
      status: 400,
    });
  });

  test('does not end the service', async () => {
    expect((await api.call.get('/health')).status).toBe(200);
  });
});

describe('a connection', () => {
  test('that asks for another protocol is served as HTTP/1.1', async () => {
    const headers = {
      Connection: 'Upgrade, HTTP2-Settings',
      Upgrade: 'h2c',
      'HTTP2-Settings': 'AAMAAABkAAQAAP__',
    };
    expect((await api.call.get('/health', headers)).status).toBe(200);
  });

  test('that expects something unknown is served all the same', async () => {
    expect((await api.call.get('/health', { Expect: 'tea' })).status).toBe(200);
  });

  test.each([
    ['headers', 'GET /health HTTP/1.1\r\nHost: localhost\r\n', 'X-A: b\r\n'],
    ['body', `${postHead}Content-Length: 999\r\n\r\n{`, ' '],
  ])('that sends its %s too slowly is told so and closed', async (_, start, drop) => {
    const { server } = api.api;
    expect([server.headersTimeout, server.requestTimeout]).toEqual([10_000, 30_000]);
    Object.assign(server, { headersTimeout: 500, requestTimeout: 500 });
    const socket = connect(api.call.port, '127.0.0.1');
    socket.write(start);
    const drip = setInterval(() => socket.writable && socket.write(drop), 100);
    const answer = await text(socket);
    clearInterval(drip);
    Object.assign(server, { headersTimeout: 10_000, requestTimeout: 30_000 });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('The request took too long to arrive.');
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });
});

describe('headers for browsers', () => {
  test('keep answers from being framed, sniffed or stored', async () => {
    const { headers } = await api.call.get('/health');
    expect(headers).toMatchObject({
      ...{ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'cache-control': 'no-store' },
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  test('allow listed origins and no others', async () => {
    const open = await startApi(redis.url, { CORS_ORIGINS: 'https://app.example, https://b.example' });
    const from = async (origin: string) => (await open.call.get('/health', { Origin: origin })).headers;
    expect((await from('https://b.example'))['access-control-allow-origin']).toBe('https://b.example');
    expect(await from('https://evil.example')).not.toHaveProperty('access-control-allow-origin');
    const preflight = await open.call.send('OPTIONS', '/execute', {
      ...{ Origin: 'https://app.example', 'Access-Control-Request-Method': 'POST' },
      'Access-Control-Request-Headers': 'content-type',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-headers']).toContain('Content-Type');
    await open.close();
  });
});

describe('closing', () => {
  const script = 'def main(): pass';
  const busy = (call: TestApi['call']) => call.post('/execute', { script });

  test('answers long polls at once, lets /execute end, and takes no new connection', async () => {
    const other = await startApi(redis.url);
    await until('the API is connected', async () => (await other.call.get('/ready')).text.includes('worker'));
    const { promise, resolve } = Promise.withResolvers<void>();
    const worker = await startWorker(redis.url, other.prefix, () => promise.then(() => succeeded('"end"')));
    const executing = busy(other.call);
    await until('it runs', () => worker.seen.length === 1);
    const polling = other.call.get(`/jobs/${worker.seen[0]?.id}?wait_ms=30000`);
    await until('both wait', () => other.parts.waiter.size === 2);

    const closing = closeServer(other.api, other.parts.waiter, 10_000);
    expect((await polling).json).toMatchObject({ status: 'running' });
    await expect(other.call.get('/health')).rejects.toThrow();
    resolve();
    expect((await executing).json).toMatchObject({ result: 'end' });
    await closing;
    await worker.stop();
    await other.parts.close();
  });

  test('answers /execute with 202 before the grace ends, and cuts what is open after it', async () => {
    const other = await startApi(redis.url, { EXECUTE_WAIT_MS: '60000' });
    const worker = await startWorker(redis.url, other.prefix, () => new Promise(() => undefined));
    const executing = busy(other.call);
    const silent = connect(other.call.port, '127.0.0.1');
    silent.write(
      'POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n',
    );
    const cut = text(silent).catch(() => 'reset');
    await until('it waits', () => other.parts.waiter.size === 1);
    const started = performance.now();
    await closeServer(other.api, other.parts.waiter, 1_500);
    expect(performance.now() - started).toBeLessThan(2_500);
    expect((await executing).status).toBe(202);
    expect(['', 'reset']).toContain(await cut);
    await worker.stop();
    await other.parts.close();
  });

  test('does not wait for connections that are kept alive or that never asked', async () => {
    const other = await startApi(redis.url);
    const kept = connect(other.call.port, '127.0.0.1');
    const silent = connect(other.call.port, '127.0.0.1');
    kept.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise((done) => kept.once('data', done));
    await pause(20);
    const started = performance.now();
    await closeServer(other.api, other.parts.waiter, 10_000);
    expect(performance.now() - started).toBeLessThan(1_000);
    kept.destroy();
    silent.destroy();
    await other.parts.close();
  });
});
