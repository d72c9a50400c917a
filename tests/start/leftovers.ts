import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ground } from './jobcell.ts';

/** What a running Jobcell occupies: to be looked for again after its end. */
export type Footprint = { processes: string[]; cgroups: string[] };

/** Every descendant of `pid`, as `pid starttime`, and the control groups that they alone are in. */
export function footprint(pid: number): Footprint {
  const own = new Set(cgroupsOf(`${process.pid}`));
  const processes = descendants(pid);
  const cgroups = processes.flatMap((process) => cgroupsOf(process.split(' ')[0] ?? ''));
  return { processes, cgroups: [...new Set(cgroups)].filter((path) => !own.has(path)) };
}

/** The pid of the process below `pid` whose command line holds `words`. */
export function findBelow(pid: number, words: string): number | undefined {
  const found = descendants(pid).find((process) => commandLine(process.split(' ')[0] ?? '').includes(words));
  return found ? Number(found.split(' ')[0]) : undefined;
}

/** What is still there of it, in words: `[]` when nothing is. */
export function leftovers({ processes, cgroups }: Footprint, ground: Ground): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return [
    ...processes.filter(isAlive).map((process) => `process ${process}`),
    ...processesNaming(ground.folder).map((process) => `process ${process}`),
    ...cgroups.filter(existsSync).map((path) => `cgroup ${path}`),
    ...mounts.filter((line) => line.includes(ground.folder)).map((line) => `mount ${line}`),
    ...readdirSync(join(ground.folder, 'tmp')).map((name) => `file ${name} in TMPDIR`),
    ...globSync('nsjail.*', { cwd: tmpdir() })
      .filter(isNotMine)
      .map((name) => `file ${name} in ${tmpdir()}`),
  ];
}

const before = new Set(globSync('nsjail.*', { cwd: tmpdir() }));
const isNotMine = (name: string) => !before.has(name);

function descendants(root: number): string[] {
  const children = new Map<string, string[]>();
  for (const pid of pids()) {
    const parent = fields(pid)?.[1];
    if (parent) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const below = (pid: string): string[] => [pid, ...(children.get(pid) ?? []).flatMap(below)];
  return below(`${root}`).flatMap((pid) => {
    const started = fields(pid)?.[19];
    return started ? [`${pid} ${started}`] : [];
  });
}

function isAlive(process: string): boolean {
  const [pid = '', started] = process.split(' ');
  const found = fields(pid);
  return found !== undefined && found[0] !== 'Z' && found[19] === started;
}

/** A process that was started later than the footprint was taken still names its folder. */
function processesNaming(folder: string): string[] {
  return pids().filter((pid) => fields(pid)?.[0] !== 'Z' && commandLine(pid).includes(folder));
}

function cgroupsOf(pid: string): string[] {
  const lines = (read(`/proc/${pid}/cgroup`) ?? '').split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => {
    const [, controllers = '', path = ''] = /^\d+:(.*?):(.*)$/.exec(line) ?? [];
    if (path === '/') return [];
    if (controllers === '') return [`/sys/fs/cgroup${path}`];
    return controllers.startsWith('name=') ? [] : [`/sys/fs/cgroup/${controllers}${path}`];
  });
}

const pids = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

const commandLine = (pid: string) => (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ');

/** The fields of /proc/PID/stat from the state on. */
const fields = (pid: string) => read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
