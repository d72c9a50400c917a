import { setTimeout as delay } from 'node:timers/promises';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;

/**
 * Repeats `work` until the store answers: an outcome must not be lost because Redis restarts. Rejects with the last
 * error when `giveUp` aborts. A change whose answer was lost is made twice, so `work` must be a compare-and-set.
 */
export async function untilAnswered<T>(work: () => Promise<T>, giveUp: AbortSignal): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (error) {
      if (giveUp.aborted) throw error;
      await delay(waitMs, undefined, { signal: giveUp }).catch(() => undefined);
    }
  }
}
