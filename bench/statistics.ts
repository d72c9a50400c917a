/** Of a list of durations: the middle one, and the one that 95 of 100 do not exceed; in their unit. */
export type Summary = { p50: number; p95: number };

export function summaryOf(values: number[]): Summary {
  return { p50: quantile(values, 0.5), p95: quantile(values, 0.95) };
}

/** The middle one, or between the two in the middle: few rounds would else be those with the smaller values. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [lower, upper] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return lower === undefined || upper === undefined ? Number.NaN : (lower + upper) / 2;
}

/** The smallest value that at least `share` of `values` do not exceed. */
function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
