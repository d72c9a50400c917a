import type { Job } from '@jobcell/shared/contract';
import { describe, expect, test } from 'vitest';
import { drivers } from '../support/drivers.ts';
import { script } from '../support/scripts.ts';
import { type Part, type Stack, untilReady, workerId } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { JobStream } from './job-stream.ts';
import { openStore, type StoreView } from './store.ts';
import { withStack } from './with-stack.ts';

const KILLS = 12;
const long = { script: script('faults/scripts/sleeps.py'), input: { n: 'long', seconds: 4 } };

describe.each(drivers)('on the $name driver', ({ name, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'workers that are killed', () => {
    test(`${KILLS} times under a stream of jobs lose none of them: each ends once, and none is stuck`, async () => {
      await withStack({ driver: name, slots: 2, workers: 3 }, async (stack) => {
        const view = await openStore(stack);
        const stream = new JobStream(stack, { everyMs: 150, sleepS: 0.3 });
        for (let kill = 0; kill < KILLS; kill += 1) {
          const victim = await workerAtWork(stack, view);
          await replace(stack, victim);
        }
        await stream.stop();
        const jobs = await stream.ended(90_000);
        for (const job of jobs) expectEndedRightly(job, stream.accepted.get(job.id));
        expect([...view.endings].sort()).toEqual(jobs.map(({ id }) => [id, 1]).sort());
        expect(stream.refused).toEqual([]);
        const retried = jobs.filter(({ attempts }) => attempts > 1).length;
        expect(retried, 'jobs were killed').toBeGreaterThan(KILLS / 2);
        await until('nothing is queued or running', async () =>
          Object.values(await view.unsettled()).every((count) => count === 0),
        );
        console.log(`${name}: ${KILLS} kills, ${jobs.length} jobs, ${retried} with more than one attempt`);
        view.close();
      });
    });

    test('once is answered by the next attempt: its caller sees nothing of it', async () => {
      await withStack({ driver: name, slots: 1, workers: 2 }, async (stack) => {
        const view = await openStore(stack);
        const answering = stack.client.run({ ...long });
        await replace(stack, await workerAtWork(stack, view));
        const { answer, job } = await answering;
        expect(answer.text).toBe('{"result":"long","stdout":""}');
        expect(job).toMatchObject({ status: 'succeeded', attempts: 2 });
        view.close();
      });
    });

    test('three times is a 500 worker_lost, and the job is not run again', async () => {
      const settings = { EXECUTE_WAIT_MS: '120000' };
      await withStack({ driver: name, slots: 1, workers: 1, settings }, async (stack) => {
        const view = await openStore(stack);
        const request = { ...long, input: { n: 'long', seconds: 25 }, timeout_ms: 30_000 };
        const answering = stack.client.run(request);
        for (const attempt of [1, 2, 3]) {
          await until(
            `attempt ${attempt} runs`,
            async () => (await view.store.running()).some((holder) => holder.attempt === attempt),
            40_000,
          );
          await replace(stack, await workerAtWork(stack, view));
        }
        const { answer, job, problem } = await answering;
        expect(answer.status).toBe(500);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect(problem).toMatchObject({ code: 'worker_lost', job_id: job.id, stdout: '', stderr: '' });
        expect(job).toMatchObject({
          status: 'failed',
          error: { code: 'worker_lost' },
          attempts: 3,
          result: null,
        });
        await untilReady(stack);
        expect((await stack.client.run({ script: 'def main(): return "next"' })).job.result).toBe('next');
        expect(await stack.client.job(job.id)).toEqual(job);
        expect(view.endings.get(job.id)).toBe(1);
        view.close();
      });
    });
  });
});

function expectEndedRightly(job: Job, n: number | undefined): void {
  if (job.status === 'succeeded') expect(job).toMatchObject({ result: n, error: null });
  else expect(job).toMatchObject({ status: 'failed', error: { code: 'worker_lost' }, attempts: 3 });
  expect(job.attempts).toBeLessThanOrEqual(3);
}

/** A living worker that runs a job just now. */
async function workerAtWork(stack: Stack, view: StoreView): Promise<Part> {
  return await until(
    'a living worker runs a job',
    async () => {
      const holders = (await view.store.running()).map(({ worker }) => worker);
      return stack.workers.find((part) => holders.includes(workerId(part)));
    },
    60_000,
  );
}

/** SIGKILL, and another worker in its place. */
async function replace(stack: Stack, victim: Part): Promise<void> {
  await victim.end('SIGKILL');
  stack.workers.splice(stack.workers.indexOf(victim), 1);
  await stack.startWorker();
}
