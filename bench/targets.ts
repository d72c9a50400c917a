import type { AtOnce } from './at-once.ts';
import type { InARow } from './one-after-another.ts';
import { type Script, scripts } from './scripts.ts';
import { type Driver, nameOf } from './served.ts';

type InARowBounds = { ofBare: number; ofFloor: number };

/** Most that a warm p50 may be, as a share of the same script's p50 by bare `python3`, and by the floor. */
const mostInARow: Record<Script, InARowBounds> = {
  trivial: { ofBare: 0.3, ofFloor: 2 },
  pandas: { ofBare: 0.05, ofFloor: 1.4 },
};
/** Least that warm jobs per second must be, as a multiple of bare `python3`'s, with `AT_ONCE` of them. */
const leastAtOnce: Record<Script, number> = { trivial: 2.5, pandas: 12 };
const AT_ONCE = 16;

/** A line a target: what was measured, the bound, and `met` or `missed`. */
export function targetsInARow(measured: InARow[], drivers: Driver[]): string[] {
  const p50 = (script: Script, subject: string) =>
    measured.find((row) => row.script === script && row.subject === subject)?.summary.p50 ?? Number.NaN;
  return scripts.flatMap((script) =>
    drivers.flatMap((driver) => {
      const name = nameOf(driver, 'warm');
      const { ofBare, ofFloor } = mostInARow[script];
      return [
        atMost(
          `${script}, ${name}: p50 of bare python3's`,
          p50(script, name) / p50(script, 'python3'),
          ofBare,
        ),
        atMost(`${script}, ${name}: p50 of the floor's`, p50(script, name) / p50(script, 'floor'), ofFloor),
      ];
    }),
  );
}

/** The same for jobs at once. */
export function targetsAtOnce(measured: AtOnce[], drivers: Driver[]): string[] {
  const perSecond = (script: Script, subject: string) =>
    measured.find((row) => row.script === script && row.subject === subject)?.loads.get(AT_ONCE)?.perSecond ??
    Number.NaN;
  return scripts.flatMap((script) =>
    drivers.map((driver) => {
      const name = nameOf(driver, 'warm');
      const what = `${script}, ${name}: ${AT_ONCE} at once, jobs/s of bare python3's`;
      return atLeast(what, perSecond(script, name) / perSecond(script, 'python3'), leastAtOnce[script]);
    }),
  );
}

const atMost = (what: string, value: number, bound: number) =>
  line(what, value, `at most ${bound}`, value <= bound);
const atLeast = (what: string, value: number, bound: number) =>
  line(what, value, `at least ${bound}`, value >= bound);

function line(what: string, value: number, bound: string, met: boolean): string {
  return `  ${what.padEnd(68)} ${value.toPrecision(4).padStart(7)}  ${bound.padEnd(13)} ${met ? 'met' : 'missed'}`;
}
