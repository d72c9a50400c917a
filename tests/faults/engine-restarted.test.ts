import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilReady } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { JobStream } from './job-stream.ts';
import { copyImage, type OwnEngine, reasonForNoEngine, startOwnEngine } from './own-engine.ts';
import { withStack } from './with-stack.ts';

const SLOTS = 2;
const skip = reasonForNoEngine();

describe.skipIf(skip !== null)(skip ?? 'a Docker engine', () => {
  let engine: OwnEngine;
  beforeAll(async () => {
    engine = await startOwnEngine();
    await copyImage(engine, 'jobcell-sandbox');
  });
  afterAll(() => engine?.stop());

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'that ends by %s under load and comes back loses no job, and its slots are made anew',
    async (signal) => {
      const settings = { DOCKER_HOST: engine.host };
      await withStack({ driver: 'docker', slots: SLOTS, settings }, async (stack) => {
        const stream = new JobStream(stack, { everyMs: 200, sleepS: 0.3 });
        await until('jobs are accepted', () => stream.accepted.size > 5);
        await engine.kill(signal);
        await until('/ready says why', async () =>
          (await stack.client.get('/ready')).text.includes('the Docker engine does not answer'),
        );
        await until('jobs are still accepted', () => stream.accepted.size > 10);
        await engine.launch();
        const back = performance.now();
        await untilReady(stack);
        await until('all slots are there', async () => (await running(engine)).length === SLOTS, 30_000);
        console.log(
          `${signal}: all slots ${Math.round(performance.now() - back)} ms after the engine was back`,
        );
        await stream.stop();
        const jobs = await stream.ended(60_000);
        for (const job of jobs)
          expect(job).toMatchObject({
            status: 'succeeded',
            result: stream.accepted.get(job.id),
            error: null,
          });
        expect(stream.refused).toEqual([]);
        console.log(`${jobs.length} jobs, ${jobs.filter(({ attempts }) => attempts > 1).length} run again`);
      });
      expect(await engine.docker('ps', '--all', '--quiet')).toBe('');
    },
  );
});

const running = async (engine: OwnEngine) =>
  (await engine.docker('ps', '--quiet')).split('\n').filter(Boolean);
