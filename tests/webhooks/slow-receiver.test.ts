import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cancelledJob } from '../support/deliveries.ts';
import { newSecret, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const secret = newSecret();
const OF_THE_SILENT = 1_000;
const SAMPLES = 40;

describe('a receiver that never answers, with 1,000 jobs for it,', () => {
  let stack: Stack;
  let silent: Receiver;
  let quick: Receiver;
  beforeAll(async () => {
    silent = await startReceiver(secret, () => undefined);
    quick = await startReceiver(secret, (_, response) => response.writeHead(204).end());
    stack = await startStack({
      ...{ driver: 'process', workers: 0 },
      settings: { WORKER_PARTS: 'webhooks', WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' },
    });
    await stack.startWorker();
  });
  afterAll(async () => {
    await stack?.stop();
    await Promise.all([silent?.stop(), quick?.stop()]);
  });

  test('does not hold up deliveries to others', { timeout: 120_000 }, async () => {
    const alone = await pace(stack, quick);
    for (let done = 0; done < OF_THE_SILENT; done += 50)
      await Promise.all(
        Array.from({ length: 50 }, () => cancelledJob(stack.client, { url: silent.url, secret })),
      );
    await until('the silent one was asked', () => silent.received.length >= 8);
    const beside = await pace(stack, quick);
    console.log(`p50 from the end of a job to its receiver: alone ${alone} ms, beside ${beside} ms`);
    expect(silent.received.length, 'few are sent to it at once').toBeLessThanOrEqual(16);
    // A place that the silent one takes is taken for 15 s: a share of it would be seen.
    expect(beside).toBeLessThan(alone + 1_000);
  });
});

/** Ms from a job's end until its receiver has heard of it, the median of some. */
async function pace(stack: Stack, receiver: Receiver): Promise<number> {
  const times: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const before = receiver.received.length;
    const started = performance.now();
    await cancelledJob(stack.client, { url: receiver.url, secret });
    await until('it is delivered', () => receiver.received.length > before);
    times.push(performance.now() - started);
  }
  return Math.round(times.sort((a, b) => a - b)[SAMPLES / 2] ?? 0);
}
