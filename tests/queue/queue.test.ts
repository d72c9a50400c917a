import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drivers } from '../support/drivers.ts';
import { type Stack, startStack, untilReady } from '../support/stack.ts';
import { until } from '../support/until.ts';

const trivial = { script: 'def main():\n    return 1' };
const slow = { script: 'import time\ndef main():\n    time.sleep(2)\n    return "slow"' };

describe.each(drivers)('on the $name driver', ({ name, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'the queue is in the way of every job', () => {
    let stack: Stack;
    beforeAll(async () => {
      stack = await startStack({ driver: name, workers: 0, settings: { EXECUTE_WAIT_MS: '3000' } });
    });
    afterAll(() => stack?.stop());

    test('without a worker a posted job stays queued, /execute says sandbox_unavailable, and a worker that starts runs the job', async () => {
      const id = await stack.client.submit(trivial);
      const refused = await stack.client.post('/execute', trivial);
      expect(refused.status).toBe(503);
      expect(refused.body).toMatchObject({ code: 'sandbox_unavailable' });
      expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
      expect((await stack.client.get('/ready')).status).toBe(503);
      expect(await stack.client.job(id, 1000)).toMatchObject({ status: 'queued', attempts: 0 });
      await stack.startWorker();
      await untilReady(stack);
      expect(await stack.client.job(id, 20_000)).toMatchObject({
        status: 'succeeded',
        result: 1,
        attempts: 1,
      });
    });

    test('with the worker stopped by SIGSTOP, /execute does not answer 200; the job runs once it goes on', async () => {
      const [worker] = stack.workers;
      worker?.process.kill('SIGSTOP');
      const answer = await stack.client.post('/execute', trivial);
      expect(answer.status).toBe(202);
      expect(answer.headers.get('location')).toBe(`/jobs/${answer.headers.get('x-job-id')}`);
      worker?.process.kill('SIGCONT');
      const id = answer.headers.get('x-job-id') ?? '';
      expect(await stack.client.job(id, 30_000)).toMatchObject({ status: 'succeeded', result: 1 });
      await untilReady(stack);
    });

    test('a worker that ends by SIGTERM lets its running job finish', async () => {
      const id = await stack.client.submit(slow);
      await until('the job runs', async () => (await stack.client.job(id)).status === 'running');
      const [worker] = stack.workers.splice(0, 1);
      await worker?.end('SIGTERM');
      expect(await stack.client.job(id)).toMatchObject({ status: 'succeeded', result: 'slow', attempts: 1 });
      await stack.startWorker();
      await untilReady(stack);
    });

    test('a worker killed under a job costs an attempt, and the job ends once, on another', async () => {
      const id = await stack.client.submit(slow);
      await until('the job runs', async () => (await stack.client.job(id)).status === 'running');
      const [worker] = stack.workers.splice(0, 1);
      await worker?.end('SIGKILL');
      await stack.startWorker();
      const job = await until(
        'the job ends',
        async () => {
          const now = await stack.client.job(id, 5000);
          return now.status === 'succeeded' && now;
        },
        60_000,
      );
      expect(job).toMatchObject({ result: 'slow', attempts: 2 });
    });
  });
});
