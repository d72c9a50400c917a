import { setTimeout as pause } from 'node:timers/promises';

/** Waits until `condition` gives something truthy (errors count as not yet), at most `withinMs`. Returns it. */
export async function until<T>(
  what: string,
  condition: () => Promise<T | false | null | undefined> | T | false | null | undefined,
  withinMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  let problem: unknown = 'the condition stayed false';
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      problem = error;
    }
    if (performance.now() > deadline)
      throw new Error(`${what}: not within ${withinMs} ms`, { cause: problem });
    await pause(20);
  }
}
