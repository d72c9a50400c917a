import { randomUUID } from 'node:crypto';
import { createLogger } from '@jobcell/shared/log';
import { JobQueue, jobWorkerSettings } from '@jobcell/shared/queue';
import { connectRedis } from '@jobcell/shared/store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { QueueConsumer, type Verdict } from './queue-consumer.ts';

const log = createLogger('silent', 'test');
const prefix = 'test';

let redis: TestRedis;
let connection: ReturnType<typeof connectRedis>;
let queue: JobQueue;
beforeEach(async () => {
  redis = await startRedis();
  connection = connectRedis(redis.url, 'blocking', log);
  queue = new JobQueue(connection, prefix);
});
afterEach(async () => {
  await queue.close();
  connection.disconnect();
  await redis.stop();
});

/** Ids in the order in which they were worked on; `work` says how that ends. */
function consume(work: (id: string) => Promise<Verdict>) {
  const worked: string[] = [];
  const consumer = new QueueConsumer({
    ...{ redis: connection, queue: jobWorkerSettings(prefix), log },
    work: async (id) => {
      worked.push(id);
      return await work(id);
    },
  });
  consumer.setCapacity(4);
  return { worked, consumer, end: () => consumer.stop(0, new AbortController().signal) };
}

async function add(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await queue.add(ids.map((id) => ({ id, lane: 'execute' })));
  return ids;
}

const forgotten = async (ids: string[]) => (await queue.missing(ids)).length === ids.length;

test('an id is worked on once, also when that is over before the queue has it processed', async () => {
  const { worked, consumer, end } = consume(async () => 'done');
  const ids = await add(20);
  await until('the queue has forgotten them', () => forgotten(ids));
  expect([...worked].sort()).toEqual([...ids].sort());
  expect(consumer.load).toMatchObject({ running: 0, taken: ids.length });
  await end();
});

test('an id that is to come again comes again, and once for each time', async () => {
  const seen = new Set<string>();
  const { worked, end } = consume(async (id) => {
    const verdict = seen.has(id) ? 'done' : 'again';
    seen.add(id);
    return verdict;
  });
  const ids = await add(5);
  await until('the queue has forgotten them', () => forgotten(ids));
  expect([...worked].sort()).toEqual([...ids, ...ids].sort());
  await end();
});

test('work that fails takes nothing else with it', async () => {
  const [bad] = await add(1);
  const { worked, end } = consume(async (id) => {
    if (id === bad) throw new Error('a fault of this code');
    return 'done';
  });
  const ids = await add(3);
  await until('the queue has forgotten them', () => forgotten(ids));
  expect([...worked].sort()).toEqual([bad, ...ids].sort());
  await end();
});
