import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { drivers } from '../support/drivers.ts';
import { script } from '../support/scripts.ts';
import type { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { JobStream } from './job-stream.ts';
import { openStore } from './store.ts';
import { withStack } from './with-stack.ts';

const RESUME_MS = 30_000;
const source = script('faults/scripts/sleeps.py');
const driver = drivers.find(({ name }) => name === 'process');

describe.skipIf(driver?.skip !== null)(driver?.skip ?? 'a Redis', () => {
  test.each([
    { says: 'restarted cleanly', signal: 'SIGTERM', times: 10 },
    { says: 'killed', signal: 'SIGKILL', times: 10 },
  ] as const)(
    'that is $says $times times under load loses no acknowledged job, and no process needs a restart',
    async ({ signal, times }) => {
      await underLoad(async (stack, stream) => {
        for (let time = 0; time < times; time += 1) {
          await stack.redis.restart(signal);
          await untilAccepted(stream);
        }
      });
    },
  );

  test('that cuts every connection 50 times loses no acknowledged job, and nobody hangs', async () => {
    await underLoad(async (stack) => {
      const { redis, close } = await openStore(stack);
      for (let time = 0; time < 50; time += 1) {
        await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
        await pause(100);
      }
      close();
    });
  });

  test('that is away is a 503 store_unavailable within a second each time, and all goes on by itself when it is back', async () => {
    await withStack({ driver: 'process', slots: 2 }, async (stack) => {
      const running = await stack.client.submit({
        script: source,
        input: { n: 'through', seconds: 14 },
        timeout_ms: 30_000,
      });
      const waiting = stack.client.post('/execute', { script: source, input: { n: 'waits', seconds: 3 } });
      await until('both run', async () => (await stack.client.job(running)).status === 'running');
      await pause(500);
      await stack.redis.kill('SIGTERM');
      await expectAway(stack, 12_000);
      await stack.redis.launch();
      const back = performance.now();
      await until('it is ready', async () => (await stack.client.get('/ready')).status === 200, RESUME_MS);
      console.log(`ready ${Math.round(performance.now() - back)} ms after Redis was back`);
      expect(await (await waiting).text).toBe('{"result":"waits","stdout":""}');
      const job = await until(
        'it ends',
        async () => {
          const now = await stack.client.job(running, 5_000);
          return now.finished_at !== null && now;
        },
        60_000,
      );
      expect(job).toMatchObject({ status: 'succeeded', result: 'through', attempts: 1 });
    });
  });

  test('that hangs is a 503 store_unavailable, too', async () => {
    await withStack({ driver: 'process', slots: 1 }, async (stack) => {
      stack.redis.process.kill('SIGSTOP');
      await expectAway(stack, 3_000);
      stack.redis.process.kill('SIGCONT');
      await until('it is ready', async () => (await stack.client.get('/ready')).status === 200, RESUME_MS);
      expect((await stack.client.run({ script: 'def main(): return "next"' })).job.result).toBe('next');
    });
  });
});

/** A stream of jobs during the fault; afterwards each acknowledged one ends rightly, by the same processes. */
async function underLoad(fault: (stack: Stack, stream: JobStream) => Promise<void>): Promise<void> {
  await withStack({ driver: 'process', slots: 2, workers: 2 }, async (stack) => {
    const stream = new JobStream(stack, { everyMs: 50, sleepS: 0.2 });
    await untilAccepted(stream);
    await fault(stack, stream);
    await stream.stop();
    await until(
      'it answers',
      async () => {
        const { text } = await stack.client.post('/execute', { script: 'def main(): return "after"' });
        return text === '{"result":"after","stdout":""}';
      },
      RESUME_MS,
    );
    const jobs = await stream.ended(RESUME_MS + jobsTimeMs(stream));
    for (const job of jobs) {
      expect(job).toMatchObject({ status: 'succeeded', result: stream.accepted.get(job.id), error: null });
    }
    for (const { process } of [stack.api, ...stack.workers])
      expect([process.exitCode, process.signalCode]).toEqual([null, null]);
    expect(new Set(stream.refused).difference(new Set(['503 store_unavailable']))).toEqual(new Set());
    const retried = jobs.filter(({ attempts }) => attempts > 1).length;
    console.log(
      `${jobs.length} jobs, ${retried} run again, ${stream.refused.length} refused, slowest answer ${Math.round(Math.max(...stream.answerMs))} ms`,
    );
  });
}

/** What the jobs themselves take in four slots. */
const jobsTimeMs = (stream: JobStream) => stream.accepted.size * 200;

async function untilAccepted(stream: JobStream): Promise<void> {
  const before = stream.accepted.size;
  await until('jobs are accepted', () => stream.accepted.size > before + 3, RESUME_MS);
}

async function expectAway(stack: Stack, forMs: number): Promise<void> {
  const until = performance.now() + forMs;
  let slowest = 0;
  while (performance.now() < until) {
    for (const path of ['/jobs', '/execute']) {
      const asked = performance.now();
      const answer = await stack.client.post(path, { script: 'def main(): return 1' });
      slowest = Math.max(slowest, performance.now() - asked);
      expect(answer.body).toMatchObject({ code: 'store_unavailable', status: 503 });
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    }
    const ready = await stack.client.get('/ready');
    expect(ready.body).toMatchObject({
      status: 503,
      code: 'store_unavailable',
      ready: false,
      reasons: ['Redis does not answer'],
    });
    expect((await stack.client.get('/health')).status).toBe(200);
    await pause(200);
  }
  console.log(`slowest 503: ${Math.round(slowest)} ms`);
  expect(slowest).toBeLessThan(1_000);
}
