import { describe, expect, test } from 'vitest';
import { drivers } from '../support/drivers.ts';
import { script } from '../support/scripts.ts';
import { type Stack, untilReady } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { killSlots, slotsOf } from './slots.ts';
import { openStore, type StoreView } from './store.ts';
import { withStack } from './with-stack.ts';

const source = script('faults/scripts/sleeps.py');
const long = { script: source, input: { n: 'long', seconds: 20 }, timeout_ms: 30_000 };
const short = { script: source, input: { n: 'short', seconds: 2 } };

describe.each(drivers)('on the $name driver', ({ name, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'a slot that is killed under a job', () => {
    test('is replaced, and the job runs again; its caller sees nothing of it', async () => {
      await withStack({ driver: name, slots: 2 }, async (stack) => {
        const view = await openStore(stack);
        const answering = stack.client.run(short);
        await untilAttempt(view, 1);
        const before = await slotsOf(stack);
        await killSlots(stack, name);
        const { answer, job } = await answering;
        expect(answer.text).toBe('{"result":"short","stdout":""}');
        expect(job).toMatchObject({ status: 'succeeded', attempts: 2 });
        await until('there are other slots', async () => {
          const after = await slotsOf(stack);
          return after.length >= 2 && before.every((slot) => !after.includes(slot));
        });
        view.close();
      });
    });

    test('three times in a row is a 500 sandbox_failure, and the next job is served', async () => {
      const settings = { EXECUTE_WAIT_MS: '100000' };
      await withStack({ driver: name, slots: 1, settings }, async (stack) => {
        const view = await openStore(stack);
        const answering = stack.client.run(long);
        await killThreeTimes(stack, view, name);
        const { answer, job, problem } = await answering;
        expect(answer.status).toBe(500);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect(problem).toMatchObject({ code: 'sandbox_failure', job_id: job.id, stdout: '', stderr: '' });
        expect(job).toMatchObject({
          status: 'failed',
          attempts: 3,
          error: { code: 'sandbox_failure' },
          result: null,
        });
        expect(view.endings.get(job.id)).toBe(1);
        await untilReady(stack);
        expect((await stack.client.run(short)).job).toMatchObject({ result: 'short', attempts: 1 });
        view.close();
      });
    });
  });
});

async function killThreeTimes(stack: Stack, view: StoreView, driver: 'process' | 'docker'): Promise<void> {
  for (const attempt of [1, 2, 3]) {
    await untilAttempt(view, attempt);
    await killSlots(stack, driver);
  }
}

async function untilAttempt(view: StoreView, attempt: number): Promise<void> {
  await until(
    `attempt ${attempt} runs`,
    async () => (await view.store.running()).some((holder) => holder.attempt === attempt),
    40_000,
  );
}
