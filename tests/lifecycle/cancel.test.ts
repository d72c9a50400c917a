import type { Job } from '@jobcell/shared/contract';
import { describe, expect, test } from 'vitest';
import { openStore } from '../faults/store.ts';
import { withStack } from '../faults/with-stack.ts';
import { drivers } from '../support/drivers.ts';
import { untilPrinted } from '../support/events.ts';
import type { Client, RunRequest } from '../support/http.ts';
import type { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const endless: RunRequest = {
  script: 'def main():\n  print("was here", flush=True)\n  while True: pass',
  timeout_ms: 30_000,
};
const CANCELS = 200;

describe.each(drivers)('on the $name driver', ({ name, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'a running job that is cancelled', () => {
    test('ends within a second, keeps what it printed, and its slot runs the next job', async () => {
      await withStack({ driver: name, slots: 2 }, async (stack) => {
        const slots = await stack.slotIdentities();
        const id = await running(stack.client, endless);
        await untilPrinted(stack.client, id, 'was here');
        const began = performance.now();
        const answer = await stack.client.delete(`/jobs/${id}`);
        expect(performance.now() - began).toBeLessThan(1_500); // the answer's own way beside the second
        expect(answer.status).toBe(200);
        const job = answer.body as Job;
        expect(job).toMatchObject({
          status: 'cancelled',
          stdout: 'was here\n',
          error: { code: 'cancelled' },
        });
        expect(job.timing.run_ms).toBeGreaterThan(0);
        expect((await stack.client.run({ script: 'def main(): return 1' })).job.result).toBe(1);
        expect(await stack.slotIdentities()).toEqual(slots);
      });
    });
  });
});

const driver = drivers.find(({ name }) => name === 'process');

describe.skipIf(driver?.skip !== null)(driver?.skip ?? `${CANCELS} running jobs over 3 workers`, () => {
  test('are each ended within a second of being cancelled; slots are back, and no other job is touched', async () => {
    await withStack({ driver: 'process', slots: 4, workers: 3 }, async (stack) => {
      const slots = await stack.slotIdentities();
      const others: Promise<unknown>[] = [];
      const tooLate: unknown[] = [];
      for (let cancelled = 0; cancelled < CANCELS; ) {
        const ids = await Promise.all(Array.from({ length: 8 }, () => running(stack.client, endless)));
        others.push(...[1, 2].map((n) => expectUntouched(stack, n)));
        await Promise.all(
          ids.map(async (id) => {
            const asked = Date.now();
            const job = (await stack.client.delete(`/jobs/${id}`)).body as Job;
            expect(job).toMatchObject({ id, status: 'cancelled', attempts: 1 });
            // Its worker ended it, as only the worker can say, and not the API's own patience.
            if (job.isolation === null || Date.parse(job.finished_at ?? '') - asked > 1_000)
              tooLate.push(job);
          }),
        );
        cancelled += ids.length;
      }
      await Promise.all(others);
      expect(tooLate).toEqual([]);
      expect(await stack.slotIdentities()).toEqual(slots);
      const view = await openStore(stack);
      await until('nothing is queued or running', async () =>
        Object.values(await view.unsettled()).every((count) => count === 0),
      );
      view.close();
    });
  });
});

async function running(client: Client, request: RunRequest): Promise<string> {
  const id = await client.submit(request);
  await until('it runs', async () => (await client.job(id)).status === 'running', 60_000);
  return id;
}

async function expectUntouched({ client }: Stack, n: number): Promise<void> {
  const script = 'import time\ndef main(n):\n  time.sleep(0.3)\n  return n';
  const id = await client.submit({ script, input: n, timeout_ms: 20_000 });
  const job = await until('it ends', async () => {
    const found = await client.job(id, 10_000);
    return found.finished_at !== null && found;
  });
  expect(job).toMatchObject({ status: 'succeeded', result: n, attempts: 1 });
}
