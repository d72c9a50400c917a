import { describe, expect, test } from 'vitest';
import { drivers } from '../support/drivers.ts';
import { untilPrinted } from '../support/events.ts';
import { script } from '../support/scripts.ts';
import { type Part, type Stack, workerId } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { openStore, type StoreView } from './store.ts';
import { withStack } from './with-stack.ts';

const source = script('faults/scripts/says_and_sleeps.py');

describe.each(drivers)('on the $name driver', ({ name, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'a worker that is frozen past its lock', () => {
    test('loses its job to another worker, and writes nothing of it when it goes on', async () => {
      await withStack({ driver: name, slots: 1, workers: 2 }, async (stack) => {
        const view = await openStore(stack);
        const request = { script: source, input: { n: 'once', seconds: 5 }, timeout_ms: 30_000 };
        const id = await stack.client.submit(request);
        const frozen = await runnerOf(stack, view, id, 1);
        await untilPrinted(stack.client, id, 'runs'); // its worker knows that it runs, too
        frozen.process.kill('SIGSTOP');
        const other = await runnerOf(stack, view, id, 2);
        expect(other).not.toBe(frozen);
        // The first attempt's outcome waits in the frozen worker's pipe: it is told while the second runs.
        frozen.process.kill('SIGCONT');
        await until('the outcome is refused', () => frozen.log().includes('the attempt is stale'));
        expect(await stack.client.job(id)).toMatchObject({ status: 'running', attempts: 2, result: null });
        const job = await stack.client.job(id, 30_000);
        expect(job).toMatchObject({ status: 'succeeded', result: 'once', attempts: 2 });
        expect(view.endings.get(id)).toBe(1);
        await bothTakeJobs(stack);
        view.close();
      });
    });
  });
});

/** The worker that runs this attempt. */
async function runnerOf(stack: Stack, view: StoreView, id: string, attempt: number): Promise<Part> {
  return await until(
    `attempt ${attempt} runs`,
    async () => {
      const holder = (await view.store.running()).find((each) => each.id === id && each.attempt === attempt);
      return holder && stack.workers.find((worker) => workerId(worker) === holder.worker);
    },
    40_000,
  );
}

/** Two jobs at a time, of which each worker has a slot for one. */
async function bothTakeJobs(stack: Stack): Promise<void> {
  const run = () => stack.client.run({ script: source, input: { n: 1, seconds: 1 } });
  const ended = (worker: Part) => worker.log().split('job ended').length;
  const before = stack.workers.map(ended);
  await until('each worker has run a job', async () => {
    await Promise.all([run(), run()]);
    return stack.workers.every((worker, at) => ended(worker) > (before[at] ?? 0));
  });
}
