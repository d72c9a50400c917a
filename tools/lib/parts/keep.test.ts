import { expect, test } from 'vitest';
import { type Keeper, type KeepOptions, keepRunning } from './keep.ts';
import type { Part, PartEnd } from './part.ts';

/** Parts that end when the test says so. */
function stage(policy: KeepOptions['policy']) {
  const parts: { part: Part; crash(): void }[] = [];
  const events: string[] = [];
  const start = (): Part => {
    const { promise: ended, resolve } = Promise.withResolvers<PartEnd>();
    const end = (code: number) => resolve({ code, signal: null, reason: '' });
    const part: Part = {
      pid: parts.length,
      ended,
      hurry: () => end(0),
      stop: async () => {
        end(0);
        return await ended;
      },
    };
    parts.push({ part, crash: () => end(1) });
    return part;
  };
  const keeper: Keeper = keepRunning({
    start,
    policy,
    firstPauseMs: 10,
    onCrash: (_end, pauseMs) => events.push(`crash ${pauseMs}`),
    onGiveUp: () => events.push('gave up'),
  });
  return { parts, events, keeper };
}

test('a part that crashed starts again after a pause', async () => {
  const { parts, events, keeper } = stage('restart');
  parts[0]?.crash();
  await expect.poll(() => parts.length, { timeout: 5_000 }).toBe(2);
  expect(events).toEqual(['crash 10']);
  expect(keeper.current()).toBe(parts[1]?.part);
  await keeper.stop(0);
});

test('one that crashes on and on is given up', async () => {
  const { parts, events } = stage('restart');
  for (let count = 1; count <= 6; count += 1) {
    await expect.poll(() => parts.length, { timeout: 5_000 }).toBe(count);
    parts.at(-1)?.crash();
  }
  await expect.poll(() => events.at(-1)).toBe('gave up');
  expect(events.slice(0, -1)).toEqual(['crash 10', 'crash 20', 'crash 40', 'crash 80', 'crash 160']);
  expect(parts).toHaveLength(6);
});

test('a part that is stopped, or restarted on purpose, has not crashed', async () => {
  const { parts, events, keeper } = stage('restart');
  await keeper.restart(0);
  expect(parts).toHaveLength(2);
  await keeper.stop(0);
  expect(events).toEqual([]);
  expect(parts).toHaveLength(2);
});

test('under the policy `wait` only a restart starts it again', async () => {
  const { parts, events, keeper } = stage('wait');
  parts[0]?.crash();
  await expect.poll(() => events).toEqual(['crash undefined']);
  await keeper.restart(0);
  expect(parts).toHaveLength(2);
  await keeper.stop(0);
});
