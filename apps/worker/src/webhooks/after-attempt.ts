import type { AfterAttempt } from '@jobcell/shared/store';
import type { PostResult } from './post.ts';

export type RetryPlan = {
  /** Before each retry, in ms. */
  waitsMs: readonly number[];
  /** How long a dead letter is kept. */
  deadKeptMs: number;
};

/** How much longer than planned a wait may be: those that failed together should not come back together. */
const JITTER = 0.2;

/** What follows an attempt. `tries`: how many went before it; `random`: from 0 to 1. */
export function afterAttempt(
  { error, retryAfterMs }: Pick<PostResult, 'error' | 'retryAfterMs'>,
  tries: number,
  { waitsMs, deadKeptMs }: RetryPlan,
  random = Math.random(),
): AfterAttempt {
  if (error === null) return { status: 'delivered' };
  const waitMs = waitsMs[tries];
  if (error === 'gone' || waitMs === undefined) return { status: 'dead', keptMs: deadKeptMs };
  const inMs = Math.round(waitMs * (1 + JITTER * random));
  return { status: 'pending', inMs: Math.max(inMs, retryAfterMs ?? 0) };
}
