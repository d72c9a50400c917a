import { type AtOnce, concurrencies } from './at-once.ts';
import { cpuParts } from './cpu.ts';
import type { SlotMemory } from './memory.ts';
import type { InARow } from './one-after-another.ts';
import { phasesOf } from './phases.ts';
import { type Script, scripts } from './scripts.ts';
import { type Driver, nameOf } from './served.ts';

/** Markdown of the medians one after another: ms, and the p50 as a share of bare `python3`'s and of the floor's. */
export function tableInARow(measured: InARow[]): string {
  const columns = scripts.flatMap((script) => [`${script} p50`, 'p95', 'of bare', 'of floor']);
  const summary = (subject: string, script: Script) =>
    measured.find((row) => row.subject === subject && row.script === script)?.summary;
  return markdown([
    ['ms', ...columns],
    ...subjectsOf(measured).map((subject) => [
      code(subject),
      ...scripts.flatMap((script) => {
        const { p50 = Number.NaN, p95 = Number.NaN } = summary(subject, script) ?? {};
        const ratio = (to: string) => fixed(p50 / (summary(to, script)?.p50 ?? Number.NaN), 2);
        return [fixed(p50), fixed(p95), ratio('python3'), ratio('floor')];
      }),
    ]),
  ]);
}

/** Markdown of the medians at once: jobs per second, and ms of one. */
export function tableAtOnce(measured: AtOnce[], script: Script): string {
  const columns = concurrencies.flatMap((concurrency) => [`${concurrency}: jobs/s`, 'p50', 'p95']);
  const rows = measured.filter((row) => row.script === script);
  return markdown([
    [script, ...columns],
    ...rows.map(({ subject, loads }) => [
      code(subject),
      ...[...loads.values()].flatMap(({ perSecond, p50, p95 }) =>
        [perSecond, p50, p95].map((value) => fixed(value)),
      ),
    ]),
  ]);
}

/** Markdown of where the time of warm calls goes, p50 of all calls one after another, ms. */
export function tableOfPhases(measured: InARow[], drivers: Driver[]): string {
  const warm = drivers.map((driver) => nameOf(driver, 'warm'));
  const columns = measured
    .filter(({ subject }) => warm.includes(subject))
    .map(({ subject, script, samples }) => ({ title: `${script}, ${subject}`, phases: phasesOf(samples) }));
  const names = [...new Set(columns.flatMap(({ phases }) => [...phases.keys()]))];
  return markdown([
    ['ms', ...columns.map(({ title }) => title)],
    ...names.map((name) => [name, ...columns.map(({ phases }) => fixed(phases.get(name), 2))]),
  ]);
}

/** Markdown of the CPU a job at the most at once, ms. */
export function tableOfCpu(measured: AtOnce[], script: Script): string {
  const rows = measured.filter((row) => row.script === script);
  const parts = cpuParts.filter((part) => rows.some(({ cpu }) => cpu.has(part)));
  return markdown([
    [`${script}, ms`, ...rows.map(({ subject }) => code(subject))],
    ...parts.map((part) => [part, ...rows.map(({ cpu }) => fixed(cpu.get(part), 2))]),
  ]);
}

/** Markdown of the memory of an idle slot, MiB. */
export function tableOfMemory(measured: SlotMemory[], drivers: Driver[]): string {
  const of = (driver: Driver, start: 'warm' | 'cold') =>
    fixed(measured.find((each) => each.driver === driver && each.start === start)?.mib);
  return markdown([
    ['MiB a slot', 'warm', 'cold'],
    ...drivers.map((driver) => [code(driver), of(driver, 'warm'), of(driver, 'cold')]),
  ]);
}

const subjectsOf = (measured: { subject: string }[]) => [...new Set(measured.map(({ subject }) => subject))];
const code = (text: string) => `\`${text}\``;

/** Empty where nothing was measured. */
function fixed(value: number | undefined, digits = 1): string {
  return value === undefined || Number.isNaN(value) ? '' : value.toFixed(digits);
}

/** The first row is the head; columns are as wide as their widest cell. */
function markdown([head = [], ...rows]: string[][]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join(
    '\n',
  );
}
