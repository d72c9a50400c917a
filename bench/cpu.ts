import { addSlotCpu, cpuOf, engineCpu, machineBusy } from './cpu-of.ts';
import type { Served } from './served.ts';
import { type Slot, slotsOf } from './slots.ts';
import { median } from './statistics.ts';

/** CPU time in ms by part. `MACHINE` is all that the cores have done, `REST` what of it belongs to no part. */
export type CpuTimes = Map<string, number>;

/** Ends a measurement: CPU ms by part since its beginning. */
export type CpuMeter = () => Promise<CpuTimes>;

const REST = 'rest';
const MACHINE = 'whole machine';
/** In the order in which they are shown. */
export const cpuParts = [
  ...['caller', 'API', 'worker', 'Redis', 'engine'],
  ...['supervisor', 'templates', 'nsjail', 'job processes', REST, MACHINE],
];

/** Of the caller and the processes that it has run itself; of a stack's parts and slots, where one is given. */
export async function startCpuMeter(served: Served | null): Promise<CpuMeter> {
  const slots = served === null ? [] : await slotsOf(served);
  const before = read(slots, served);
  return async () => {
    const after = read(slots, served);
    const now = served === null ? [] : await slotsOf(served);
    const times = new Map([...after].map(([part, ms]) => [part, ms - (before.get(part) ?? 0)]));
    const stayed = slots.every(({ identity, pid }, at) => pid !== null && now[at]?.identity === identity);
    // Of slots that cannot be seen, or that others have replaced, the parts are not known.
    return stayed ? times : new Map([[MACHINE, times.get(MACHINE) ?? Number.NaN]]);
  };
}

/** For each part the median of the rounds in which it is known, a job. */
export function medianOfCpu(rounds: { cpu: CpuTimes; jobs: number }[]): CpuTimes {
  const known = cpuParts.flatMap((part): [string, number][] => {
    const each = rounds.flatMap(({ cpu, jobs }) => (cpu.has(part) ? [(cpu.get(part) ?? 0) / jobs] : []));
    return each.length === 0 ? [] : [[part, median(each)]];
  });
  return new Map(known);
}

/** What each part has used since it began. */
function read(slots: Slot[], served: Served | null): CpuTimes {
  const times: CpuTimes = new Map();
  const add = (part: string, ms: number) => times.set(part, (times.get(part) ?? 0) + ms);
  const machine = machineBusy();
  const caller = cpuOf(process.pid);
  add('caller', caller.own);
  if (served === null) add('job processes', caller.reaped);
  else addStack(served, slots, add);
  const known = [...times.values()].reduce((sum, ms) => sum + ms, 0);
  return times.set(REST, machine - known).set(MACHINE, machine);
}

function addStack({ driver, stack }: Served, slots: Slot[], add: (part: string, ms: number) => void): void {
  add('API', cpuOf(stack.api.process.pid).own);
  for (const worker of stack.workers) add('worker', cpuOf(worker.process.pid).own);
  add('Redis', cpuOf(stack.redis.process.pid).own);
  if (driver === 'docker') add('engine', engineCpu());
  for (const { pid } of slots) if (pid !== null) addSlotCpu(pid, add);
}
