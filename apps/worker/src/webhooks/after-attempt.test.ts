import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterAttempt } from './after-attempt.ts';

const plan = { waitsMs: [5_000, 30_000], deadKeptMs: 86_400_000 };
const after = (
  error: Parameters<typeof afterAttempt>[0]['error'],
  tries: number,
  retryAfterMs: number | null = null,
  random = 0,
) => afterAttempt({ error, retryAfterMs }, tries, plan, random);

describe('after an attempt', () => {
  test('that succeeded nothing follows', () => {
    expect(after(null, 0)).toEqual({ status: 'delivered' });
    expect(after(null, 2)).toEqual({ status: 'delivered' });
  });

  test('that failed comes the next wait of the plan, and after the last one a dead letter', () => {
    expect(after('timeout', 0)).toEqual({ status: 'pending', inMs: 5_000 });
    expect(after('bad_status', 1)).toEqual({ status: 'pending', inMs: 30_000 });
    expect(after('redirect', 2)).toEqual({ status: 'dead', keptMs: 86_400_000 });
  });

  test('that was answered 410 there is none, whatever the plan', () => {
    expect(after('gone', 0)).toEqual({ status: 'dead', keptMs: 86_400_000 });
  });

  test('a receiver may ask for a longer wait, and not for a shorter one, nor for more attempts', () => {
    expect(after('bad_status', 0, 60_000)).toEqual({ status: 'pending', inMs: 60_000 });
    expect(after('bad_status', 0, 1_000)).toEqual({ status: 'pending', inMs: 5_000 });
    expect(after('bad_status', 2, 60_000)).toMatchObject({ status: 'dead' });
  });

  test('the wait is up to a fifth longer by chance, and never shorter', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (random) => {
        const next = after('timeout', 1, null, random);
        expect(next.status === 'pending' && next.inMs).toBeGreaterThanOrEqual(30_000);
        expect(next.status === 'pending' && next.inMs).toBeLessThanOrEqual(36_000);
      }),
    );
  });
});
