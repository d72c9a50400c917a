import type { AtOnce } from './at-once.ts';
import type { SlotMemory } from './memory.ts';
import type { InARow } from './one-after-another.ts';
import { scripts } from './scripts.ts';
import type { Driver } from './served.ts';
import { tableAtOnce, tableInARow, tableOfCpu, tableOfMemory, tableOfPhases } from './tables.ts';

/** All that one run has found out. */
export type Measured = { inARow: InARow[]; loads: AtOnce[]; memory: SlotMemory[] };

const ON_COLD =
  'Cold, nsjail and the runner in the jail count as job processes; what is killed with its jail the kernel adds to ' +
  'nobody, so it is in `rest`, with whatever else the machine did.';

/** The medians as Markdown, to be pasted into docs/performance.md. */
export function printMedians({ inARow, loads, memory }: Measured, drivers: Driver[]): void {
  section('One after another', [tableInARow(inARow)]);
  section(
    'At once',
    scripts.map((script) => tableAtOnce(loads, script)),
  );
  section('Where the time goes', [tableOfPhases(inARow, drivers)]);
  section('CPU a job, 16 at once', [...scripts.map((script) => tableOfCpu(loads, script)), ON_COLD]);
  section('Memory a slot', [tableOfMemory(memory, drivers)]);
}

/** A line that begins a part of the run. */
export function heading(text: string): void {
  console.log(`\n== ${text}`);
}

function section(title: string, tables: string[]): void {
  console.log(`\n## ${title}\n\n${tables.join('\n\n')}`);
}
