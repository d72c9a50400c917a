export type Summary = { p50: number; p95: number };

export function summaryOf(values: number[]): Summary {
  return { p50: quantile(values, 0.5), p95: quantile(values, 0.95) };
}

export const median = (values: number[]): number => quantile(values, 0.5);

/** The smallest value that at least `share` of `values` do not exceed. */
function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
