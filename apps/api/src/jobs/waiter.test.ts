import { randomUUID } from 'node:crypto';
import { createLogger } from '@jobcell/shared/log';
import { connectRedis, type JobRecord, untilReady } from '@jobcell/shared/store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { Waiter, type WaitKind } from './waiter.ts';

const log = createLogger('silent', 'test');
let server: TestRedis;
let redis: ReturnType<typeof connectRedis>;
let subscriber: ReturnType<typeof connectRedis>;
let waiter: Waiter;
let read: (id: string) => Promise<JobRecord | null>;
let channel: string;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url, 'blocking', log);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  channel = randomUUID();
  read = () => Promise.reject(new Error('not to be asked'));
  subscriber = connectRedis(server.url, 'blocking', log);
  const store = {
    finishedChannel: channel,
    outcomeChannel: (replyTo: string) => `${channel}:${replyTo}`,
    readTold: (text: string) => ({ id: text, record: { result: `of ${text}` } as JobRecord }),
  };
  waiter = new Waiter({ subscriber, store, records: { read: (id) => read(id) } });
  await untilReady(subscriber, 5_000);
  await until('it is subscribed', async () => (await redis.pubsub('NUMSUB', channel))[1] === 1);
});
afterEach(() => {
  waiter.close();
  subscriber.disconnect();
});

const begin = (
  id: string,
  kind: WaitKind = 'poll',
  timeoutMs = 60_000,
  signal = new AbortController().signal,
) => waiter.begin(id, { kind, timeoutMs, signal });

const hasEnded = async (ended: Promise<unknown>): Promise<boolean> =>
  await Promise.race([ended.then(() => true), new Promise<false>((no) => setTimeout(no, 50, false))]);

describe('a wait', () => {
  test('ends when the id of its job is told, and not for another job', async () => {
    const [mine, second, other] = [begin('a'), begin('a'), begin('b')];
    await redis.publish(channel, 'a');
    await Promise.all([mine.ended, second.ended]);
    expect(await hasEnded(other.ended)).toBe(false);
    expect(waiter.size).toBe(1);
  });

  test('ends with the record where that is told, and with none where only the id is', async () => {
    const [told, heard] = [begin('a'), begin('b')];
    await redis.publish(`${channel}:${waiter.name}`, 'a');
    await redis.publish(`${channel}:another`, 'b');
    await redis.publish(channel, 'a');
    await redis.publish(channel, 'b');
    expect(await told.ended).toEqual({ result: 'of a' });
    expect(await heard.ended).toBeNull();
  });

  test('ends with its time, by its own end, and when the caller is gone', async () => {
    const caller = new AbortController();
    const [timed, own, gone] = [
      begin('a', 'poll', 20),
      begin('b'),
      begin('c', 'poll', 60_000, caller.signal),
    ];
    own.end();
    caller.abort();
    await Promise.all([timed.ended, own.ended, gone.ended]);
    expect(waiter.size).toBe(0);
  });

  test('is over at once for a caller who is gone already', async () => {
    await begin('a', 'poll', 60_000, AbortSignal.abort()).ended;
    expect(waiter.size).toBe(0);
  });

  test('of a released kind ends, now and from now on, and no other does', async () => {
    const [poll, execute] = [begin('a', 'poll'), begin('a', 'execute')];
    waiter.release('poll');
    await Promise.all([poll.ended, begin('b', 'poll').ended]);
    expect(await hasEnded(execute.ended)).toBe(false);
  });

  test('ends by a look at the store when the subscription was down, and the store says that the job is over', async () => {
    const [over, running] = [begin('over'), begin('running')];
    read = async (id) => (id === 'over' ? null : ({ job: { status: 'running' } } as JobRecord));
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await over.ended;
    expect(await hasEnded(running.ended)).toBe(false);
  });

  test('is looked at again soon when the store did not answer at the time of the subscription', async () => {
    const { ended } = begin('a');
    let asked = 0;
    read = async () => {
      asked += 1;
      if (asked === 1) throw new Error('Connection is closed.');
      return null;
    };
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await ended;
    expect(asked).toBe(2);
  });

  test('is looked after again while the store does not answer', async () => {
    const { ended } = begin('a');
    let asked = 0;
    read = async () => {
      asked += 1;
      if (asked < 2) throw new Error('Connection is closed.');
      return null;
    };
    subscriber.disconnect(); // for good: nothing is told any more
    await ended;
    expect(asked).toBe(2);
  });
});

test('ten thousand waits begin and end within a second, and leave nothing', async () => {
  const started = performance.now();
  const waits = Array.from({ length: 10_000 }, (_, index) => begin(`job-${index % 5_000}`));
  expect(waiter.size).toBe(10_000);
  waiter.release('poll');
  await Promise.all(waits.map(({ ended }) => ended));
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(waiter.size).toBe(0);
});
