import { setTimeout as pause } from 'node:timers/promises';
import { familyOf, textOf } from '../tests/support/proc.ts';
import type { During } from './during.ts';
import { load } from './load.ts';
import { scripts } from './scripts.ts';
import { type Driver, nameOf, openServed, type Served, SLOTS, type Start } from './served.ts';
import { docker, type Slot, slotsOf } from './slots.ts';
import { median } from './statistics.ts';

/** Memory of an idle slot in MiB, the median of a stack's slots. */
export type SlotMemory = { driver: Driver; start: Start; mib: number };

const UNTIL_IDLE_MS = 2_000;
const JOBS_A_SLOT = 4;
const UNITS: Record<string, number> = { B: 1 / 1024 / 1024, KiB: 1 / 1024, MiB: 1, GiB: 1024 };

/** Each kind of slot by itself: pages are shared between slots, and so would be between stacks. */
export async function memoryASlot(drivers: Driver[], during: During): Promise<SlotMemory[]> {
  const found: SlotMemory[] = [];
  for (const driver of drivers) {
    for (const start of ['warm', 'cold'] as const) {
      const name = nameOf(driver, start);
      await using owner = new AsyncDisposableStack();
      const served = await during(`starting ${name}`, () => openServed(driver, start, owner));
      const mib = await during(`the memory of ${name}`, () => idleMib(served));
      console.log(`  ${name.padEnd(22)}  ${mib.toFixed(1).padStart(6)} MiB a slot`);
      found.push({ driver, start, mib });
    }
  }
  return found;
}

/** After some jobs in every slot. */
async function idleMib(served: Served): Promise<number> {
  for (const script of scripts)
    await load(served.run, script, { jobs: JOBS_A_SLOT * SLOTS, concurrency: SLOTS });
  await pause(UNTIL_IDLE_MS); // the next jails are made, what is unused is given back
  const slots = await slotsOf(served);
  return median(served.driver === 'docker' ? await containerMib(slots) : slots.map(proportionalMib));
}

/** Pss of all processes of a slot: each page divided by the number of its users. */
function proportionalMib({ pid }: Slot): number {
  const sizes = familyOf(pid ?? '').map((each) => {
    const kib = /^Pss:\s+(\d+) kB$/m.exec(textOf(`/proc/${each}/smaps_rollup`))?.[1];
    return Number(kib ?? Number.NaN) / 1024;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** `85.43MiB / 512MiB` a line: what the container's cgroup is charged for. */
async function containerMib(slots: Slot[]): Promise<number[]> {
  const ids = slots.map(({ container }) => container ?? '');
  const text = await docker('stats', '--no-stream', '--format', '{{.MemUsage}}', ...ids);
  return text.split('\n').map((line) => {
    const [, size, unit = ''] = /^([\d.]+)(\w+)/.exec(line) ?? [];
    return Number(size) * (UNITS[unit] ?? Number.NaN);
  });
}
