import { readdirSync, readFileSync } from 'node:fs';
import { rssOf } from '../support/proc.ts';
import type { Part } from '../support/stack.ts';

/** Resident memory in bytes and open descriptors of one process. */
export function resourcesOf({ process }: Part): { memory: number; descriptors: number } {
  return {
    memory: rssOf(`${process.pid}`),
    descriptors: readdirSync(`/proc/${process.pid}/fd`).length,
  };
}

/** CPU time that a process has used, in milliseconds: unlike the clock it does not see what else the machine does. */
export function cpuMsOf({ process }: Part): number {
  const fields = readFileSync(`/proc/${process.pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Linux tells it in hundredths of a second, whatever its own clock. */
const TICK_MS = 10;
