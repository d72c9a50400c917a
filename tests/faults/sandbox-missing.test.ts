import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { drivers } from '../support/drivers.ts';
import { untilReady } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { docker } from './docker.ts';
import { killSlots } from './slots.ts';
import { withStack } from './with-stack.ts';

const trivial = { script: 'def main(): return 1' };
const driver = drivers.find(({ name }) => name === 'docker');

describe.skipIf(driver?.skip !== null)(driver?.skip ?? 'a sandbox image', () => {
  test('that is missing keeps the worker from taking jobs: /ready says why, and nothing loops', async () => {
    const image = `jobcell-missing-${randomUUID()}`;
    await withStack(
      { driver: 'docker', slots: 4, workers: 0, settings: { SANDBOX_IMAGE: image } },
      async (stack) => {
        const worker = await stack.startWorker();
        const reason = `the image ${image} is not on this Docker engine`;
        await until('/ready says why', async () => (await stack.client.get('/ready')).text.includes(reason));
        expect((await stack.client.post('/execute', trivial)).body).toMatchObject({
          code: 'sandbox_unavailable',
          status: 503,
        });
        const id = await stack.client.submit(trivial);
        const lines = () => worker.log().split('\n').length;
        const before = lines();
        await pause(6_000);
        expect(lines() - before, 'log lines in 6 s').toBeLessThanOrEqual(6);
        expect([worker.process.exitCode, worker.process.signalCode]).toEqual([null, null]);
        expect(await stack.client.job(id)).toMatchObject({ status: 'queued', attempts: 0 });
        await docker('tag', 'jobcell-sandbox', image);
        try {
          expect(await stack.client.job(id, 30_000)).toMatchObject({ status: 'succeeded', attempts: 1 });
        } finally {
          await docker('rmi', image);
        }
      },
    );
  });

  test('that goes away later is told as soon as a slot has to be made, and its return is noticed', async () => {
    const image = `jobcell-going-${randomUUID()}`;
    await docker('tag', 'jobcell-sandbox', image);
    await withStack({ driver: 'docker', slots: 1, settings: { SANDBOX_IMAGE: image } }, async (stack) => {
      await docker('rmi', image);
      expect((await stack.client.run(trivial)).job.result).toBe(1);
      await killSlots(stack, 'docker');
      await until('/ready says why', async () =>
        (await stack.client.get('/ready')).text.includes(`the image ${image} is not`),
      );
      await docker('tag', 'jobcell-sandbox', image);
      await untilReady(stack);
      await docker('rmi', image);
      expect((await stack.client.run(trivial)).job.result).toBe(1);
    });
  });
});
