import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type StoreView } from '../faults/store.ts';
import { drivers } from '../support/drivers.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { resourcesOf } from './resources.ts';

const MiB = 1024 * 1024;
const TIMES = { 'before the body': 200, 'within the body': 200, 'during the job': 1_000 } as const;
const AT_ONCE = 10;
const driver = drivers.find(({ name }) => name === 'process');

describe.skipIf(driver?.skip !== null)(driver?.skip ?? 'a caller who hangs up', () => {
  let stack: Stack;
  let view: StoreView;
  beforeAll(async () => {
    stack = await startStack({ driver: 'process', slots: 4 });
    view = await openStore(stack);
    await hangUp(AT_ONCE * 4, 'during the job'); // warm
    await atRest();
  });
  afterAll(async () => {
    view?.close();
    await stack?.stop();
  });

  test.each(['before the body', 'within the body', 'during the job'] as const)(
    'on /execute hundreds of times, %s, leaves no slot, waiter, connection or memory behind, and later jobs are served',
    async (when) => {
      const [slots, before] = [await stack.slotIdentities(), resourcesOf(stack.api)];
      await hangUp(TIMES[when], when);
      await atRest();
      await until(
        'no connection is left',
        () => resourcesOf(stack.api).descriptors <= before.descriptors + 5,
      );
      expect(resourcesOf(stack.api).memory - before.memory).toBeLessThan(64 * MiB);
      expect(await stack.slotIdentities()).toEqual(slots);
      const later = await Promise.all(
        [1, 2, 3, 4, 5, 6, 7, 8].map((n) => stack.client.run({ script: 'def main(x): return x', input: n })),
      );
      expect(later.map(({ job }) => job.result)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    },
  );

  async function hangUp(times: number, when: keyof typeof sent): Promise<void> {
    for (let time = 0; time < times; time += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, () => hangUpOnce(when)));
  }

  async function hangUpOnce(when: keyof typeof sent): Promise<void> {
    const socket = connect(Number(new URL(stack.client.url).port), '127.0.0.1');
    socket.on('error', () => undefined); // a reset is what this is about
    await new Promise((written) => socket.write(sent[when], written));
    if (when === 'during the job')
      await until('a job runs', async () => ((await view.unsettled()).running ?? 0) > 0);
    socket.destroy();
  }

  async function atRest(): Promise<void> {
    await until(
      'nothing is queued or running',
      async () => Object.values(await view.unsettled()).every((count) => count === 0),
      60_000,
    );
  }
});

const body = JSON.stringify({
  script: 'def main():\n    while True: pass', // only its cancelling ends it in time
  timeout_ms: 30_000,
});
const head = `POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
const sent = {
  'before the body': head,
  'within the body': head + body.slice(0, 40),
  'during the job': head + body,
};
