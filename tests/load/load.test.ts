import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilAtRest } from '../faults/victims.ts';
import { drivers } from '../support/drivers.ts';
import { type Leftovers, leftovers } from '../support/leftovers.ts';
import { familyOf, rssOf } from '../support/proc.ts';
import { type Part, type Stack, startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const WARM_UP = 300;
const CALLS = 1000;
const SLOTS = 4;
const AT_ONCE = 8;
const MiB = 1024 * 1024;
/** V8 grows what it has for young objects by tens of MiB as it likes; kept small, what still grows is kept by somebody. */
const SMALL_NURSERY = '--max-semi-space-size=2';

describe.each(drivers)('on the $name driver', ({ name, skip }) => {
  const place = { name, start: 'warm' } as const;
  describe.skipIf(skip !== null)(skip ?? 'many calls at once', () => {
    let before: Leftovers;
    let stack: Stack;
    beforeAll(async () => {
      before = await leftovers();
      stack = await startStack({ driver: name, start: 'warm', slots: SLOTS, nodeOptions: SMALL_NURSERY });
    });
    afterAll(() => stack?.stop());

    test('are all right, and leave no growth of memory, descriptors, processes or slots', async () => {
      await callMany(stack, WARM_UP);
      const slots = await stack.slotIdentities();
      await untilAtRest(stack, place, SLOTS);
      const atRest = resources(stack);
      await callMany(stack, CALLS);
      await untilAtRest(stack, place, SLOTS);
      const after = await until('descriptors are back', () => {
        const now = resources(stack);
        return now.descriptors <= atRest.descriptors + 4 && now.processes <= atRest.processes && now;
      });
      console.log(name, { atRest, after });
      expect(after.memory - atRest.memory).toBeLessThan(32 * MiB);
      expect(await stack.slotIdentities()).toEqual(slots);
    });

    test('leave nothing behind when the service ends', async () => {
      await stack.stop();
      await until('nothing is left', async () => {
        expect(await leftovers()).toEqual(before);
        return true;
      });
    });
  });
});

/** Each call has a number of its own, so that an answer can be told from another's. */
async function callMany(stack: Stack, calls: number): Promise<void> {
  let next = 0;
  const caller = async () => {
    while (next < calls) {
      const n = next++;
      const script = `def main(x):\n    print("call ${n}")\n    return {"n": x}`;
      const answer = await stack.client.post('/execute', { script, input: n });
      expect(answer.text).toBe(`{"result":{"n":${n}},"stdout":"call ${n}\\n"}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
}

/** Memory in bytes and open descriptors of the API, the worker and all that they started. */
function resources(stack: Stack): { memory: number; descriptors: number; processes: number } {
  const pids = [stack.api, ...stack.workers].flatMap((part: Part) => familyOf(`${part.process.pid}`));
  return {
    memory: pids.reduce((sum, pid) => sum + rssOf(pid), 0),
    descriptors: pids.reduce((sum, pid) => sum + countOf(`/proc/${pid}/fd`), 0),
    processes: pids.length,
  };
}

function countOf(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    return 0;
  }
}
