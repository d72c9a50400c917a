import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isRoot } from '../start/jobcell.ts';
import { drivers, places } from '../support/drivers.ts';
import { script } from '../support/scripts.ts';
import { type Stack, untilReady } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { membersOf } from './members.ts';
import { killSlots, slotsOf } from './slots.ts';
import { openStore, type StoreView } from './store.ts';
import { kill, untilAtRest, untilAtWork, victimsOf } from './victims.ts';
import { withStack } from './with-stack.ts';

const source = script('faults/scripts/sleeps.py');
const long = { script: source, input: { n: 'long', seconds: 20 }, timeout_ms: 30_000 };
const short = { script: source, input: { n: 'short', seconds: 2 } };
const trivial = { script: 'def main(): return 1' };
/** It takes nearly all of the memory that it may, so that it would feel what is put in order beside it. */
const greedy = {
  script: script('faults/scripts/sleeps_and_fills.py'),
  input: { n: 'greedy', seconds: 1, mebibytes: 240 },
  memory_mb: 256,
};
const BACK_MS = 2_000;

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

describe.each(places)('on the $name driver, $start', (place) => {
  const { name, start, warm } = place;
  const { idle, busy } = victimsOf(place);
  const skip =
    place.skip ?? (name === 'process' || isRoot ? null : 'skipped: only root can kill in a container');

  describe.skipIf(skip !== null)(skip ?? 'a kill', () => {
    test.each(idle)(
      'of the %s of an idle slot is mended within 2 s, and nothing is left over',
      async (victim) => {
        await withStack({ driver: name, start, slots: 1 }, async (stack) => {
          await untilAtRest(stack, place, 1);
          const slots = await slotsOf(stack);
          const outlived = ['template', 'nsjail', 'holder'].includes(victim);
          const { job: waiting = [] } = await membersOf(stack, name);
          const killed = performance.now();
          await kill(stack, place, victim);
          // A job that came before would be lost with its jail, which costs an attempt, and the slot.
          if (outlived) await untilReaped(waiting);
          expect(await msUntilServed(stack, warm, killed)).toBeLessThan(BACK_MS);
          await untilAtRest(stack, place, 1);
          if (outlived) expect(await slotsOf(stack)).toEqual(slots);
        });
      },
    );

    test.each(busy)(
      'of the %s under a job costs an attempt at most: the job ends once and rightly, and the slot is back within 2 s',
      async (victim) => {
        await withStack({ driver: name, start, slots: 1 }, async (stack) => {
          const view = await openStore(stack);
          await untilAtRest(stack, place, 1);
          const slots = await slotsOf(stack);
          const id = await stack.client.submit(greedy);
          await untilAtWork(stack, place);
          const killed = performance.now();
          await kill(stack, place, victim);
          const servedMs = await msUntilServed(stack, warm, killed);
          const job = await stack.client.job(id, 10_000);
          const attempts = victim === 'template' ? 1 : 2;
          expect(job).toMatchObject({ status: 'succeeded', result: 'greedy', error: null, attempts, warm });
          const jobMs = job.timing.run_ms ?? 0; // the slot's work in the meantime
          expect(servedMs - jobMs).toBeLessThan(BACK_MS);
          await untilAtRest(stack, place, 1);
          if (victim === 'template') expect(await slotsOf(stack)).toEqual(slots);
          expect(view.endings.get(id)).toBe(1);
          view.close();
        });
      },
    );
  });
});

/** Until their supervisor has noticed that they have ended. */
const untilReaped = (pids: string[]) =>
  until('they are reaped', () => pids.every((pid) => !existsSync(`/proc/${pid}`)));

/** From `killed` until two jobs in a row were started as they should: the jail of the second was made after the kill. */
async function msUntilServed(stack: Stack, warm: boolean, killed: number): Promise<number> {
  for (let jobs = 0; jobs < 2; jobs += 1)
    await until('a job is served', async () => {
      const { answer, job } = await stack.client.run(trivial);
      return answer.status === 200 && job.warm === warm;
    });
  return performance.now() - killed;
}

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
