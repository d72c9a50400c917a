import type { Script } from './scripts.ts';
import { type Summary, summaryOf } from './statistics.ts';
import type { Run } from './subjects.ts';

/** Jobs per second, and the time of one in ms. */
export type Load = Summary & { perSecond: number };

/** How much is run: `jobs` in all, shared by `concurrency` callers with one of their own at a time. */
export type Amount = { jobs: number; concurrency: number };

/** Runs a script until all jobs have their result; rejects when one has none. */
export async function load(run: Run, script: Script, { jobs, concurrency }: Amount): Promise<Load> {
  const times: number[] = [];
  let left = jobs;
  const began = performance.now();
  const callers = Array.from({ length: concurrency }, async () => {
    while (left-- > 0) {
      const started = performance.now();
      await run(script);
      times.push(performance.now() - started);
    }
  });
  await Promise.all(callers);
  const seconds = (performance.now() - began) / 1000;
  return { perSecond: jobs / seconds, ...summaryOf(times) };
}
