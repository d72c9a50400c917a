import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { createLogger } from '../log.ts';
import { connectRedis, untilReady } from '../store/index.ts';
import { JobQueue } from './index.ts';

const log = createLogger('silent', 'test');
let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

async function connect() {
  const redis = connectRedis(server.url, 'request', log);
  await untilReady(redis, 5_000);
  return redis;
}

test('an id is added once, however often it is asked for, and is then not missing', async () => {
  const redis = await connect();
  const queue = new JobQueue(redis, `test-${randomUUID()}`);
  const id = randomUUID();
  expect(await queue.missing([id])).toEqual([id]);
  await queue.add([{ id, lane: 'execute' }]);
  await queue.add([{ id, lane: 'execute' }]);
  expect(await queue.missing([id])).toEqual([]);
  expect(await queue.waiting()).toBe(1);
  await queue.close();
  redis.disconnect();
});

test('a queue that was opened while Redis hung works again when Redis does', async () => {
  const redis = await connect();
  server.process.kill('SIGSTOP');
  const queue = new JobQueue(redis, `test-${randomUUID()}`);
  const id = randomUUID();
  await expect(queue.add([{ id, lane: 'execute' }])).rejects.toThrow();
  server.process.kill('SIGCONT');
  await until('the queue takes the id', async () => {
    await queue.add([{ id, lane: 'execute' }]);
    return (await queue.missing([id])).length === 0;
  });
  await queue.close();
  redis.disconnect();
});
