import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { type Answer, problemOf } from '../testing/caller.ts';
import { type StandInWorker, startWorker, succeeded } from '../testing/stand-in-worker.ts';

let redis: TestRedis;
let api: TestApi;
let worker: StandInWorker | undefined;

beforeEach(async () => {
  redis = await startRedis();
  api = await startApi(redis.url, { EXECUTE_WAIT_MS: '15000' });
  await until('the API is connected', async () => (await api.call.get('/ready')).text.includes('worker'));
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await api.close();
  redis.process.kill('SIGCONT');
  await redis.stop();
});

const script = 'def main(): return 1';

/** But `POST /admin/keys`: what a hanging Redis was asked it may still do when it goes on, and then a key is needed. */
const routes: [string, () => Promise<Answer>][] = [
  ['POST /execute', () => api.call.post('/execute', { script })],
  ['POST /jobs', () => api.call.post('/jobs', { script })],
  ['GET /jobs/:id', () => api.call.get(`/jobs/${randomUUID()}`)],
  ['GET /jobs/:id with wait_ms', () => api.call.get(`/jobs/${randomUUID()}?wait_ms=30000`)],
  ['GET /jobs', () => api.call.get('/jobs?status=queued')],
  ['GET /jobs/:id/events', () => api.call.get(`/jobs/${randomUUID()}/events`)],
  ['DELETE /jobs/:id', () => api.call.send('DELETE', `/jobs/${randomUUID()}`)],
  ['DELETE /jobs/:id/data', () => api.call.send('DELETE', `/jobs/${randomUUID()}/data`)],
  ['GET /webhooks/deliveries', () => api.call.get('/webhooks/deliveries')],
  [
    'POST /webhooks/deliveries/:id/redeliver',
    () => api.call.send('POST', `/webhooks/deliveries/${randomUUID()}/redeliver`),
  ],
  ['GET /admin/keys', () => api.call.get('/admin/keys')],
  ['DELETE /admin/keys/:id', () => api.call.send('DELETE', `/admin/keys/${'0'.repeat(32)}`)],
  ['POST /validate', () => api.call.post('/validate', { script })],
  ['GET /runtime', () => api.call.get('/runtime')],
  ['GET /ready', () => api.call.get('/ready')],
];

async function expectUnavailable(): Promise<void> {
  const asked = routes.map(async ([name, ask]) => {
    const started = performance.now();
    const answer = await ask();
    expect(performance.now() - started, name).toBeLessThan(1_000);
    expect(answer.status, name).toBe(503);
    expect(answer.json, name).toMatchObject({ code: 'store_unavailable', type: '/docs#store_unavailable' });
    expect(answer.headers['retry-after'], name).toMatch(/^[0-9]+$/);
  });
  await Promise.all(asked);
  expect((await api.call.get('/health')).status).toBe(200);
}

describe('store_unavailable is said within a second, on every route that needs Redis', () => {
  test('when Redis was killed; after its restart the API works again by itself', async () => {
    await redis.kill('SIGKILL');
    await expectUnavailable();
    await redis.launch();
    worker = await startWorker(redis.url, api.prefix, () => succeeded('1'));
    await until('it works', async () => (await api.call.post('/execute', { script })).status === 200, 5_000);
  });

  test('when Redis hangs without closing its connections; it works again when Redis goes on', async () => {
    worker = await startWorker(redis.url, api.prefix, () => succeeded('1'));
    expect((await api.call.post('/execute', { script })).status).toBe(200); // a worker was seen just now
    redis.process.kill('SIGSTOP');
    await expectUnavailable();
    redis.process.kill('SIGCONT');
    await until('it works', async () => (await api.call.post('/execute', { script })).status === 200, 5_000);
  });

  test.each([
    [
      'has no memory left',
      ['config set maxmemory 1', 'config set maxmemory-policy noeviction'],
      'config set maxmemory 0',
    ],
    ['is a replica that cannot be written', ['replicaof 127.0.0.1 1'], 'replicaof no one'],
  ])('when Redis %s, for new jobs', async (_, breaking, mending) => {
    worker = await startWorker(redis.url, api.prefix, () => succeeded('1'));
    for (const command of breaking) await redisCommand(command);
    expect(problemOf(await api.call.post('/jobs', { script })).code).toBe('store_unavailable');
    expect(problemOf(await api.call.post('/execute', { script })).code).toBe('store_unavailable');
    await redisCommand(mending);
    expect((await api.call.post('/execute', { script })).status).toBe(200);
  });

  test('when Redis was not there at the start; it works as soon as Redis is', async () => {
    await redis.kill('SIGKILL');
    const early = await startApi(redis.url);
    expect(problemOf(await early.call.post('/jobs', { script })).code).toBe('store_unavailable');
    await redis.launch();
    const slow = await startWorker(redis.url, early.prefix, () => new Promise(() => undefined));
    const accepted = await until('it works', async () => {
      const answer = await early.call.post('/jobs', { script });
      return answer.status === 202 && answer;
    });
    const id = String(accepted.headers['x-job-id']);
    await until('it is queued', async () => (await early.parts.queue.missing([id])).length === 0);
    await slow.stop();
    await early.close();
  });
});

describe('a wait', () => {
  test('outlasts the death of Redis: the answer comes after its restart', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    worker = await startWorker(redis.url, api.prefix, () => promise.then(() => succeeded('"kept"')));
    const executing = api.call.post('/execute', { script });
    await until('it runs', () => worker?.seen.length === 1);
    const polling = api.call.get(`/jobs/${worker?.seen[0]?.id}?wait_ms=15000`);
    await until('both wait', () => api.parts.waiter.size === 2);
    await redis.restart('SIGKILL');
    resolve();
    expect((await executing).json).toEqual({ result: 'kept', stdout: '' });
    expect((await polling).json).toMatchObject({ status: 'succeeded' });
  });

  test('ends though its notification was lost while the subscription was down', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    worker = await startWorker(redis.url, api.prefix, () => promise.then(() => succeeded('1')));
    const executing = api.call.post('/execute', { script });
    await until('it runs', () => worker?.seen.length === 1);
    const killing = redisCommand('client kill type pubsub');
    resolve();
    await killing;
    expect((await executing).status).toBe(200);
  });

  test('that ends while Redis is dead says store_unavailable and where the job is', async () => {
    const short = await startApi(redis.url, { EXECUTE_WAIT_MS: '700' });
    worker = await startWorker(redis.url, short.prefix, () => new Promise(() => undefined));
    const executing = short.call.post('/execute', { script });
    await until('it runs', () => worker?.seen.length === 1);
    await redis.kill('SIGKILL');
    const answer = await executing;
    const problem = problemOf(answer);
    expect(problem).toMatchObject({ code: 'store_unavailable', job_id: answer.headers['x-job-id'] });
    expect(problem.detail).toContain(`GET /jobs/${problem.job_id}`);
    await short.close();
  });
});

/** Sends one inline command over a connection of its own. */
async function redisCommand(command: string): Promise<void> {
  const socket = connect(new URL(redis.url).pathname);
  socket.write(`${command}\r\n`);
  const reply = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
  socket.destroy();
  if (reply.startsWith('-')) throw new Error(reply);
}
