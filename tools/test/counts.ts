/** How tests ended. `skipped` holds a line for each skipped test: its name, with the reason. */
export type Counts = { passed: number; failed: number; skipped: string[] };

export const add = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: [...a.skipped, ...b.skipped],
});
