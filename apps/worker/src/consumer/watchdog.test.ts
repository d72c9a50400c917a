import { createLogger } from '@jobcell/shared/log';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { startWatchdog } from './watchdog.ts';

const log = createLogger('silent', 'test');
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function watch(load: () => { running: number; capacity: number; taken: number }, waiting: number) {
  const seen = { looks: 0, rebuilt: 0 };
  const consumer = {
    get load() {
      seen.looks += 1;
      return load();
    },
    rebuild: () => {
      seen.rebuilt += 1;
    },
  };
  stops.push(startWatchdog({ consumer, waiting: async () => waiting, log, everyMs: 5 }).stop);
  return seen;
}

const looked = async (seen: { looks: number }) => await until('it looked often', () => seen.looks > 10);

test('a consumer that takes nothing though jobs wait and slots are free is rebuilt', async () => {
  const seen = watch(() => ({ running: 0, capacity: 2, taken: 7 }), 1);
  await until('it is rebuilt', () => seen.rebuilt > 0);
  expect(seen.looks).toBeGreaterThan(3);
});

test('a consumer is not rebuilt while it takes jobs', async () => {
  let taken = 0;
  const seen = watch(() => ({ running: 0, capacity: 2, taken: taken++ }), 1);
  await looked(seen);
  expect(seen.rebuilt).toBe(0);
});

test.each([
  ['no job waits', { running: 0, capacity: 2, taken: 7 }, 0],
  ['every slot is at work', { running: 2, capacity: 2, taken: 7 }, 1],
  ['there is no slot', { running: 0, capacity: 0, taken: 7 }, 1],
])('a consumer is not rebuilt while %s', async (_, load, waiting) => {
  const seen = watch(() => load, waiting);
  await looked(seen);
  expect(seen.rebuilt).toBe(0);
});
