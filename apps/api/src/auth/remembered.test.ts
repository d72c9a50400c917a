import { expect, test } from 'vitest';
import { Remembered } from './remembered.ts';

const LONG = 60_000;

function counting<T>(
  answer: (name: string) => Promise<T | null>,
  options: { forMs?: number; size?: number },
) {
  const asked: string[] = [];
  const ask = (name: string) => {
    asked.push(name);
    return answer(name);
  };
  return { asked, remembered: new Remembered({ ask, forMs: LONG, size: 100, ...options }) };
}

test('an answer is used again while it is young, and not after', async () => {
  const young = counting(async (name) => name, {});
  expect([await young.remembered.get('a'), await young.remembered.get('a')]).toEqual(['a', 'a']);
  expect(young.asked).toEqual(['a']);
  const old = counting(async (name) => name, { forMs: 0 });
  expect([await old.remembered.get('a'), await old.remembered.get('a')]).toEqual(['a', 'a']);
  expect(old.asked).toEqual(['a', 'a']);
});

test('a thousand who ask at once share one question', async () => {
  const { asked, remembered } = counting(async (name) => name, {});
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => remembered.get('a')));
  expect(new Set(answers)).toEqual(new Set(['a']));
  expect(asked).toEqual(['a']);
});

test('nothing and an error take no room and are asked for again', async () => {
  const { asked, remembered } = counting(async (name) => {
    if (name === 'broken') throw new Error('down');
    return null;
  }, {});
  for (const _ of [1, 2]) {
    expect(await remembered.get('unknown')).toBeNull();
    await expect(remembered.get('broken')).rejects.toThrow('down');
  }
  expect(asked).toEqual(['unknown', 'broken', 'unknown', 'broken']);
  expect(remembered.size).toBe(0);
});

test('the oldest goes where there is no room', async () => {
  const { asked, remembered } = counting(async (name) => name, { size: 2 });
  for (const name of ['a', 'b', 'c', 'b', 'c', 'a']) await remembered.get(name);
  expect(asked).toEqual(['a', 'b', 'c', 'a']);
  expect(remembered.size).toBe(2);
});

test('what is forgotten while it is asked for does not come back', async () => {
  const { asked, remembered } = counting(async (name) => name, {});
  const asking = remembered.get('a');
  remembered.forget('a');
  expect(await asking).toBe('a');
  await remembered.get('a');
  expect(asked).toEqual(['a', 'a']);
});
