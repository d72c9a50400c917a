import { expect } from 'vitest';
import { type Leftovers, leftovers } from '../support/leftovers.ts';
import { type Stack, type StackOptions, startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** A stack for as long as `use` takes. It is stopped whatever happens, and must leave nothing on this machine. */
export async function withStack(options: StackOptions, use: (stack: Stack) => Promise<void>): Promise<void> {
  const before = await leftovers();
  const stack = await startStack(options);
  try {
    await use(stack);
  } catch (error) {
    console.error(stack.logs().slice(-20_000));
    throw error;
  } finally {
    await stack.stop();
  }
  const workers = workerIds(stack);
  await until('nothing of the stack is left', async () => {
    expect(beyond(before, await leftovers(workers))).toEqual([]);
    return true;
  });
}

/** What there is now and was not before. (What a killed session left before may be swept meanwhile.) */
const beyond = (before: Leftovers, now: Leftovers): string[] =>
  Object.values(now)
    .flat()
    .filter((each) => !Object.values(before).flat().includes(each));

const workerIds = (stack: Stack): string[] => [
  ...new Set(stack.logs().match(/w-[0-9a-f]{8}-[0-9a-f-]{27}/g)),
];
