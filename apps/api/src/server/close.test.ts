import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { startWorker, succeeded } from '../testing/stand-in-worker.ts';
import { closeServer } from './close.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

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

    const closing = closeServer(other.api, other.parts, 10_000);
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
    await closeServer(other.api, other.parts, 1_500);
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
    await closeServer(other.api, other.parts, 10_000);
    expect(performance.now() - started).toBeLessThan(1_000);
    kept.destroy();
    silent.destroy();
    await other.parts.close();
  });
});
