import { once } from 'node:events';
import { createServer } from 'node:net';
import { createLogger } from '@jobcell/shared/log';
import { connectRedis } from '@jobcell/shared/store';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../tests/support/redis.ts';
import { until } from '../../../tests/support/until.ts';
import { Caller } from './testing/caller.ts';
import { bearer, elsewhere, keyRequest } from './testing/keys.ts';
import { type ApiProcess, portOf, spawnApi } from './testing/process.ts';
import { startWorker, succeeded } from './testing/stand-in-worker.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const start = (environment: Record<string, string> = {}): ApiProcess =>
  spawnApi({ REDIS_URL: redis.url, PORT: '0', ...environment });

describe('a bad setting stops the process with code 2 and one message', () => {
  test.each([
    [{ PORT: '99999' }, 'PORT must be a whole number from 0 to 65535; it is "99999"'],
    [{ REDIS_URL: '' }, 'REDIS_URL must be set for the API; it is not'],
    [{ HOST: '0.0.0.0' }, 'HOST must be localhost, 127.0.0.1 or ::1 while there are no API keys'],
    [{ HOST: '192.168.0.1' }, 'HOST must be localhost'],
    [{ HOST: '::' }, 'HOST must be localhost'],
    [{ HOST: '127.evil.example' }, 'HOST must be localhost'],
  ])('%j', async (environment, message) => {
    const api = start(environment as Record<string, string>);
    expect(await api.exit).toBe(2);
    expect(api.output()).toContain(message);
    expect(api.output().trim().split('\n')).toHaveLength(1);
  });

  test('but not a HOST for all when ALLOW_UNAUTHENTICATED is true; the Host rule still holds', async () => {
    const api = start({ HOST: '0.0.0.0', ALLOW_UNAUTHENTICATED: 'true' });
    const call = new Caller(await portOf(api));
    expect((await call.get('/health')).status).toBe(200);
    expect((await call.get('/health', { Host: '10.0.0.1' })).status).toBe(403);
    api.child.kill('SIGTERM');
    expect(await api.exit).toBe(0);
  });
});

describe('a HOST for all', () => {
  const openHost = { HOST: '0.0.0.0' };
  const makeKey = (url: string, prefix: string) =>
    elsewhere(url, prefix, (keys) => keys.create(keyRequest()));

  test('starts where there are keys, and serves any Host to those who have one', async () => {
    const { key } = await makeKey(redis.url, 'open-test');
    const api = start({ ...openHost, REDIS_PREFIX: 'open-test' });
    const call = new Caller(await portOf(api));
    expect((await call.get('/runtime', { Host: '10.0.0.1' })).status).toBe(401);
    expect((await call.get('/runtime', { Host: '10.0.0.1', ...bearer(key) })).status).toBe(503);
    api.child.kill('SIGTERM');
    expect(await api.exit).toBe(0);
  });

  test('waits for Redis, which knows whether there are keys, and says so', async () => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    await makeKey(own.url, 'jobcell');
    await own.kill('SIGTERM');
    const api = start({ ...openHost, REDIS_URL: own.url });
    await until('it says what it waits for', () => api.output().includes('waiting for Redis, which knows'));
    expect(api.output()).not.toContain('listening');
    await own.launch();
    await portOf(api);
    api.child.kill('SIGTERM');
    expect(await api.exit).toBe(0);
  });

  test('ends as asked while it waits', async () => {
    const api = start({ ...openHost, REDIS_URL: 'redis://127.0.0.1:1' });
    await until('it waits', () => api.output().includes('waiting for Redis'));
    api.child.kill('SIGTERM');
    expect(await api.exit).toBe(0);
    expect(api.output()).not.toContain('listening');
  });
});

test('records of another schema stop the process with code 2, and it says both versions', async () => {
  const first = start({ REDIS_PREFIX: 'schema-test' });
  await portOf(first);
  const other = connectRedis(redis.url, 'blocking', createLogger('silent', 'test'));
  await until('the first has said its schema', async () => (await other.get('schema-test:schema')) !== null);
  await other.set('schema-test:schema', '99');
  const second = start({ REDIS_PREFIX: 'schema-test' });
  expect(await second.exit).toBe(2);
  expect(second.output()).toContain('Redis holds job records of schema 99');
  other.disconnect();
  first.child.kill('SIGTERM');
  await first.exit;
});

test('a port that is taken stops the process with code 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const api = start({ PORT: String(port) });
  expect(await api.exit).toBe(1);
  expect(api.lines()).toContainEqual(
    expect.objectContaining({ msg: 'the API cannot listen', error: 'Error EADDRINUSE' }),
  );
  taken.close();
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends the process with code 0, with Redis there or dead',
  async (signal) => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    for (const breakRedis of [async () => undefined, () => own.kill('SIGKILL')]) {
      const api = start({ REDIS_URL: own.url });
      await portOf(api);
      await breakRedis();
      const started = performance.now();
      api.child.kill(signal);
      expect(await api.exit).toBe(0);
      expect(performance.now() - started).toBeLessThan(3_000);
      expect(api.lines().map(({ msg }) => msg)).toContain('stopped');
    }
  },
);

test('SIGTERM lets an open /execute end and answers an open long poll at once', async () => {
  const api = start({ REDIS_PREFIX: 'main-test' });
  const call = new Caller(await portOf(api));
  const { promise, resolve } = Promise.withResolvers<void>();
  const worker = await startWorker(redis.url, 'main-test', () => promise.then(() => succeeded('"end"')));
  await until('it is ready', async () => (await call.get('/ready')).status === 200);
  const executing = call.post('/execute', { script: 'x' });
  await until('it runs', () => worker.seen.length === 1);
  const polling = call.get(`/jobs/${worker.seen[0]?.id}?wait_ms=30000`);
  await new Promise((done) => setTimeout(done, 200));
  api.child.kill('SIGTERM');
  expect((await polling).json).toMatchObject({ status: 'running' });
  resolve();
  expect((await executing).text).toBe('{"result":"end","stdout":""}');
  expect(await api.exit).toBe(0);
  await worker.stop();
});

describe('the log', () => {
  test('has one line a request, with ids and the route but no byte of a caller', async () => {
    const api = start({ REDIS_PREFIX: 'log-test', LOG_LEVEL: 'trace' });
    const call = new Caller(await portOf(api));
    const worker = await startWorker(redis.url, 'log-test', () =>
      succeeded('"canary"', { stdout: 'canary' }),
    );
    await until('it is ready', async () => (await call.get('/ready')).status === 200);
    const { headers } = await call.post('/execute?include=job', { script: 'canary', input: 'canary' });
    await call.post('/jobs?canary=canary', { script: 'x' });
    await call.post('/jobs', { script: 'x', canary: 1 });
    await call.post('/jobs', '{"script":canary');
    await call.get('/canary/canary', { 'X-Canary': 'canary', Authorization: 'Bearer canary' });
    await call.get('/jobs/canary');
    await call.get('/health', { Host: 'canary' });
    api.child.kill('SIGTERM');
    expect(await api.exit).toBe(0);
    await worker.stop();

    expect(api.output()).not.toContain('canary');
    const requests = api
      .lines()
      .filter(({ msg }) => msg === 'request')
      .filter(({ route }) => route !== '/ready');
    expect(requests).toMatchObject([
      ...[
        {
          method: 'POST',
          route: '/execute',
          status: 200,
          job_id: headers['x-job-id'],
          request_id: headers['x-request-id'],
        },
      ],
      ...[
        { route: '/jobs', status: 400 },
        { route: '/jobs', status: 400 },
        { route: '/jobs', status: 400 },
      ],
      ...[
        { method: 'GET', route: null, status: 404 },
        { route: '/jobs/:id', status: 404 },
        { route: null, status: 403 },
      ],
    ]);
    for (const { ms, level } of requests.slice(0, -1)) expect([typeof ms, level]).toEqual(['number', 30]);
  });

  test('names a caller by the id and the tenant of the key, and holds no byte of its secret', async () => {
    const api = start({ REDIS_PREFIX: 'secret-test', LOG_LEVEL: 'trace' });
    const call = new Caller(await portOf(api));
    const admin = await until('the first key is made', async () => {
      const answer = await call.post('/admin/keys', { name: 'first', scopes: ['admin'], tenant: 'acme' });
      return answer.status === 201 && (answer.json as { id: string; key: string });
    });
    const secret = admin.key.split('_').at(-1) ?? '';
    await call.get('/admin/keys', bearer(admin.key));
    await call.get('/runtime', bearer(admin.key));
    await call.get(`/${admin.key}?${admin.key}`, bearer(admin.key));
    await call.get(`/jobs/${admin.key}?wait_ms=${admin.key}`, bearer(`${admin.key}0`));
    await call.get('/runtime', { Authorization: `Basic ${admin.key}`, 'X-Request-Id': `${admin.key} ` });
    await call.post('/admin/keys', { name: admin.key, scopes: [admin.key] }, bearer(admin.key));
    await call.send('DELETE', `/admin/keys/${admin.key}`, bearer(admin.key));
    await call.send('DELETE', `/admin/keys/${admin.id}`, bearer(admin.key));
    api.child.kill('SIGTERM');
    expect(await api.exit).toBe(0);
    expect(secret).toMatch(/^[0-9a-f]{48}$/);
    expect(api.output()).not.toContain(secret);
    const known = { key_id: admin.id, tenant: 'acme' };
    const requests = api.lines().filter(({ msg, status }) => msg === 'request' && status !== 503);
    expect(requests).toMatchObject([
      ...[
        { status: 201, tenant: 'default' },
        { status: 200, ...known },
        { status: 403, ...known },
      ],
      ...[{ status: 404 }, { status: 401 }, { status: 401 }],
      ...[
        { status: 400, ...known },
        { status: 404, ...known },
        { status: 204, ...known },
      ],
    ]);
    for (const { key_id, status } of requests) if (status === 401) expect(key_id).toBeUndefined();
    expect(api.lines()).toContainEqual(expect.objectContaining({ msg: 'key made', ...known }));
    expect(api.lines()).toContainEqual(expect.objectContaining({ msg: 'key revoked', key_id: admin.id }));
  });
});
