import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { closeServer } from '../server/close.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { startWorker, succeeded } from '../testing/stand-in-worker.ts';

const MiB = 1024 * 1024;

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

/** An API with a job that waits for ever. */
async function withWaitingJob(): Promise<{ api: TestApi; id: string }> {
  const api = await startApi(redis.url);
  await until('the API is connected', async () => (await api.call.get('/ready')).text.includes('worker'));
  const answer = await api.call.post('/jobs', { script: 'def main(): pass', delay_ms: 600_000 });
  return { api, id: (answer.json as { id: string }).id };
}

/** Asks for the events of `id` and reads nothing. `connection` is the server's side of it. */
async function askAndStall(api: TestApi, id: string): Promise<{ socket: Socket; connection: Socket }> {
  const accepted = Promise.withResolvers<Socket>();
  api.api.server.once('connection', accepted.resolve);
  const socket = connect(api.call.port, '127.0.0.1');
  socket.on('error', () => undefined); // it may be cut
  socket.pause();
  socket.write(`GET /jobs/${id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return { socket, connection: await accepted.promise };
}

describe('who asks for events', () => {
  test('and takes none of them for a minute is cut off, and nobody is left listening', async () => {
    const { api, id } = await withWaitingJob();
    const { socket, connection } = await askAndStall(api, id);
    await until('it listens', () => api.parts.feeds.size === 1);
    expect(connection.timeout).toBe(60_000);
    connection.setTimeout(1);
    await until('nobody listens', () => api.parts.feeds.size === 0, 2_000);
    socket.destroy();
    await api.close();
  });

  test('by HEAD gets the headers, and nobody is left listening', async () => {
    const { api, id } = await withWaitingJob();
    const answer = await api.call.send('HEAD', `/jobs/${id}/events`);
    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([
      200,
      'text/event-stream',
      '',
    ]);
    await until('nobody listens', () => api.parts.feeds.size === 0, 2_000);
    await api.close();
  });

  test('and reads nothing does not hold up the end of the process', async () => {
    const { api } = await withWaitingJob();
    const big = succeeded(JSON.stringify('r'.repeat(3 * MiB)), { stdout: 'x'.repeat(MiB) });
    const worker = await startWorker(redis.url, api.prefix, () => big);
    const ended = await api.call.post('/jobs', { script: 'def main(): pass' });
    const { id } = ended.json as { id: string };
    await api.call.get(`/jobs/${id}?wait_ms=5000`);
    const { socket, connection } = await askAndStall(api, id);
    await until('more was written than the system takes', () => connection.writableLength > 0);
    const started = performance.now();
    await closeServer(api.api, api.parts, 5_000);
    expect(performance.now() - started).toBeLessThan(1_000);
    await until('nobody listens', () => api.parts.feeds.size === 0);
    socket.destroy();
    await worker.stop();
    await api.parts.close();
  });
});
