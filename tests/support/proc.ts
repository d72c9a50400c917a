import { readFileSync } from 'node:fs';

/** The text of a file that may go at any time, as those of a process do; empty when it is gone. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The pids of a process and of all that descend from it. */
export function familyOf(pid: string): string[] {
  const children = textOf(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean);
  return [pid, ...children.flatMap(familyOf)];
}

/** Resident memory of a process in bytes; 0 when it is gone. */
export const rssOf = (pid: string): number =>
  Number(/VmRSS:\s+(\d+)/.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
