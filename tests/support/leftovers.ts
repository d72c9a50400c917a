import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { drivers } from './drivers.ts';
import { textOf } from './proc.ts';

const run = promisify(execFile);

/** What of Jobcell is on this machine: equal before a stack and after it, or the stack has left something. */
export type Leftovers = { processes: string[]; containers: string[]; cgroups: string[]; mounts: string[] };

/**
 * Counts what this test session can have made: others may test on the same machine. Containers of all sessions lie
 * beside each other, so while workers of another one live only those of `workers` (ids as in the log) are counted.
 */
export async function leftovers(workers: string[] = []): Promise<Leftovers> {
  const all = processes();
  const ours = all.filter((process) => process.isOurs);
  const alone = !all.some(
    (process) => !process.isOurs && process.command.includes('apps/worker/src/main.ts'),
  );
  return {
    processes: ours.filter(isJobcells).map(({ pid, started, command }) => `${pid} (${started}) ${command}`),
    containers: (await containers())
      .filter(({ worker }) => alone || workers.includes(worker))
      .map(({ id }) => id),
    cgroups: cgroups(),
    mounts: textOf('/proc/self/mountinfo')
      .split('\n')
      .filter((line) => / - \S+ jobcell /.test(line)),
  };
}

type Process = { pid: string; started: string; command: string; cgroup: string; isOurs: boolean };

const JOBCELLS =
  /apps\/(api|worker)\/src\/main\.ts|\/launcher |\/opt\/jobcell\/|\/usr\/local\/(runner|holder)|redis-server .*jobcell-redis-/;

const isJobcells = ({ command, cgroup }: Process) => SLOT.test(cgroup) || JOBCELLS.test(command);

/** Where the process driver puts a slot: `jobcell-<number>`, with a child for the job. */
const SLOT = /\/jobcell-\d+(\/|$)/;

function processes(): Process[] {
  const own = cgroupOf('self');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      const cgroup = cgroupOf(pid);
      const command = textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
      const started = textOf(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[19] ?? '';
      return { pid, started, command, cgroup, isOurs: isWithin(cgroup, own) };
    })
    .filter(({ command }) => command !== '');
}

/** With cgroup v2 slots may lie beside the worker's own cgroup or above it. */
function isWithin(cgroup: string, own: string): boolean {
  const parent = cgroup.replace(/\/jobcell-\d+(\/.*)?$/, '');
  return cgroup === own || cgroup.startsWith(`${own.replace(/\/$/, '')}/`) || isAbove(parent, own, cgroup);
}

const isAbove = (parent: string, own: string, cgroup: string) =>
  SLOT.test(cgroup) && !hasV1Memory() && (own === parent || own.startsWith(`${parent}/`));

const hasV1Memory = () => /^\d+:([a-z,]*,)?memory[,:]/m.test(textOf('/proc/self/cgroup'));

/** The path in the memory hierarchy of v1, or in the one tree of v2. */
function cgroupOf(pid: string): string {
  const lines = textOf(`/proc/${pid}/cgroup`).split('\n');
  const line =
    lines.find((each) => each.split(':')[1]?.split(',').includes('memory')) ??
    lines.find((each) => each.startsWith('0::'));
  return line?.split(':').slice(2).join(':') ?? '';
}

/** Slots' folders, below our own cgroup and, with v2, beside and above it. A slot's folders of v1 come and go together. */
function cgroups(): string[] {
  const mount = textOf('/proc/self/mountinfo')
    .split('\n')
    .find((line) => (hasV1Memory() ? / - cgroup \S+ .*\bmemory\b/ : / - cgroup2 /).test(line));
  const [root = '/', point = ''] = mount?.split(' ').slice(3, 5) ?? [];
  if (point === '') return [];
  const own = cgroupOf('self')
    .replace(root === '/' ? '' : root, '')
    .split('/')
    .filter(Boolean);
  const places = hasV1Memory() ? [own] : own.map((_, depth) => own.slice(0, depth + 1)).concat([[]]);
  return places.flatMap((place) => slotFolders(join(point, ...place)));
}

function slotFolders(place: string): string[] {
  try {
    return readdirSync(place)
      .filter((name) => SLOT.test(`/${name}`))
      .map((name) => join(place, name));
  } catch {
    return []; // not visible from here
  }
}

async function containers(): Promise<{ id: string; worker: string }[]> {
  if (drivers.some(({ name, skip }) => name === 'docker' && skip !== null)) return [];
  const format = '{{.ID}} {{.Label "jobcell.worker"}}';
  const { stdout } = await run(process.env.DOCKER_CLI ?? 'docker', [
    'ps',
    '-a',
    '--filter',
    'name=jobcell-slot-',
    '--format',
    format,
  ]);
  const lines = stdout.split('\n').filter(Boolean);
  return lines.map((line) => line.split(' ')).map(([id = '', worker = '']) => ({ id, worker }));
}
