import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const HOUR = 3_600_000;

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['3600', HOUR],
    ['3601', HOUR],
    ['9'.repeat(400), HOUR],
    ['Fri, 02 Jan 2026 03:04:35 GMT', 30_000],
    ['Fri, 02 Jan 2026 03:04:05 GMT', 0],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', HOUR],
  ])('is read, up to an hour: %s', (header, waitMs) => {
    expect(retryAfterMs(header, NOW)).toBe(waitMs);
  });

  it.each([
    undefined,
    '',
    '-1',
    '1.5',
    '1e3',
    '0x10',
    '10s',
    'soon',
    'Infinity',
    '2026-01-02T03:04:35Z',
    'Fri, 02 Jan 2026 03:04:35 +0100',
    'Fri, 02 Jan 2026 99:04:35 GMT',
    'Friday, 02-Jan-26 03:04:35 GMT',
  ])('is not read where it is no number of seconds and no date of HTTP: %s', (header) => {
    expect(retryAfterMs(header, NOW)).toBeNull();
  });

  it('is never negative, never over an hour and never NaN, whatever it holds', () => {
    const dates = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(Date.UTC(9999, 0)) });
    const texts = fc.oneof(
      fc.string(),
      fc.bigInt().map(String),
      dates.map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(texts, (header) => {
        const waitMs = retryAfterMs(header, NOW);
        if (waitMs === null) return;
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(HOUR);
      }),
    );
  });
});
