import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { problemOf } from '../testing/caller.ts';
import { keyRequest } from '../testing/keys.ts';

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
    await open.close();
  });

  test('let a page of a listed origin send a key, delete and resume, and read why it was refused', async () => {
    const open = await startApi(redis.url, { CORS_ORIGINS: 'https://app.example' });
    await until('a key is made', () => open.parts.keys.create(keyRequest()));
    const asked = 'authorization,content-type,idempotency-key,last-event-id';
    const preflight = await open.call.send('OPTIONS', '/jobs', {
      ...{ Origin: 'https://app.example', 'Access-Control-Request-Method': 'DELETE' },
      'Access-Control-Request-Headers': asked,
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers['access-control-allow-methods']).toBe('GET,POST,DELETE');
    const allowed = String(preflight.headers['access-control-allow-headers']).toLowerCase().split(',');
    expect(allowed).toEqual(expect.arrayContaining(asked.split(',')));
    const refused = await open.call.get('/admin/keys', { Origin: 'https://app.example' });
    expect(refused.status).toBe(401);
    expect(refused.headers['access-control-allow-origin']).toBe('https://app.example');
    expect(refused.headers['access-control-expose-headers']).toContain('RateLimit-Remaining');
    await open.close();
  });
});
