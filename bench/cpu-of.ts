import { readdirSync } from 'node:fs';
import { familyOf, textOf } from '../tests/support/proc.ts';

/** CPU time in ms: of a process and its threads, and of the children that it has waited for. */
type Cpu = { own: number; reaped: number };

/** What the kernel counts in for its readers, whatever its own clock. */
const TICK_MS = 10;

/** 0 when it is gone. */
export function cpuOf(pid: string | number | undefined): Cpu {
  const fields = textOf(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  const ms = (field: number) => Number(fields[field] ?? 0) * TICK_MS;
  return { own: ms(11) + ms(12), reaped: ms(13) + ms(14) }; // utime, stime, cutime, cstime
}

/** All that the cores have done since the boot, in ms: user, nice, system, and both kinds of interrupts. */
export function machineBusy(): number {
  const [, user, nice, system, , , irq, softirq] = textOf('/proc/stat').split(/\s+/, 8).map(Number);
  const ticks = [user, nice, system, irq, softirq].reduce<number>((sum, each) => sum + (each ?? 0), 0);
  return ticks * TICK_MS;
}

/** Of the Docker engine with all its shims, in ms: what jobs say goes through both. */
export function engineCpu(): number {
  const pids = readdirSync('/proc').filter((name) =>
    /^(dockerd|containerd)/.test(textOf(`/proc/${name}/comm`)),
  );
  return pids.reduce((sum, pid) => sum + cpuOf(pid).own, 0);
}

/**
 * Of the processes of a slot, in ms since it began. A warm job process is the supervisor's child: in what that has reaped
 * once it has ended, and the same part before. Cold, nsjail is that child, with those of its jail that were reaped there.
 */
export function addSlotCpu(root: string, add: (part: string, ms: number) => void): void {
  const family = familyOf(root).map((pid) => ({ pid, command: textOf(`/proc/${pid}/cmdline`) }));
  const supervisor = family.find(({ command }) => command.includes('/opt/jobcell/supervisor'));
  const outside = depthOf(supervisor?.pid ?? root);
  for (const { pid, command } of family) {
    const { own, reaped } = cpuOf(pid);
    if (pid === supervisor?.pid) {
      add('supervisor', own);
      add('job processes', reaped);
    } else if (isNsjail(command)) add('nsjail', own + reaped);
    else if (depthOf(pid) > outside) add('job processes', own + reaped);
    else if (command.includes('template')) add('templates', own + reaped);
  }
}

/** nsjail itself, or the small program that holds a jail for it. */
const isNsjail = (command: string): boolean =>
  command.includes('nsjail\0--config') || command.includes('/holder');

/** How many pid namespaces see a process: one more in a jail. A job process keeps its template's command line. */
function depthOf(pid: string): number {
  const numbers = /^NSpid:(.*)$/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? '';
  return numbers.trim().split(/\s+/).length;
}
