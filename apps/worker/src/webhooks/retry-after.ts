const LONGEST_MS = 3_600_000;

/** The one form of dates that HTTP lets senders write (RFC 9110, 5.6.7). */
const DATE =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** How long a `Retry-After` asks to wait, at most an hour, 0 for a date gone by; `null` for what is none. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  const waitMs = /^[0-9]+$/.test(text)
    ? Number(text) * 1_000
    : DATE.test(text)
      ? Date.parse(text) - now
      : NaN;
  return Number.isNaN(waitMs) ? null : Math.min(Math.max(waitMs, 0), LONGEST_MS);
}
