import { familyOf, textOf } from '../support/proc.ts';
import type { Stack } from '../support/stack.ts';
import { docker } from './docker.ts';
import { slotsOf } from './slots.ts';

/** What a process of a slot is. `job`: a job process, at work or waiting for its job. */
export type Role = 'launcher' | 'supervisor' | 'template' | 'nsjail' | 'holder' | 'job';

export type Members = Partial<Record<Role, string[]>>;

const SUPERVISOR = '/opt/jobcell/supervisor';

/** The pids of all processes of the stack's slots by what they are, as this host's /proc shows them. */
export async function membersOf(stack: Stack, driver: 'process' | 'docker'): Promise<Members> {
  const found: Members = {};
  const slots = await slotsOf(stack);
  for (const first of driver === 'docker' ? await firstProcessesOf(slots) : slots) {
    const depth = namespacePids(first).length + (driver === 'docker' ? 0 : 1);
    for (const pid of familyOf(first)) {
      const role = roleOf(pid, depth);
      if (role !== undefined) found[role] = [...(found[role] ?? []), pid];
    }
  }
  return found;
}

/** How many there are of each. */
export const countsOf = (members: Members): Record<string, number> =>
  Object.fromEntries(Object.entries(members).map(([role, pids]) => [role, pids.length]));

/** Whether a process has a second thread: those that wait for a job have one. */
export const hasThreads = (pid: string): boolean =>
  Number(/^Threads:\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1]) > 1;

/** SIGKILL for each; those that have ended meanwhile are dead, too. */
export function killAll(pids: string[] = []): void {
  for (const pid of pids) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** The containers' supervisors. An engine in a virtual machine has pids that are somebody else's here. */
async function firstProcessesOf(containers: string[]): Promise<string[]> {
  if (containers.length === 0) return [];
  const pids = (await docker('inspect', '--format', '{{.State.Pid}}', ...containers)).split('\n');
  const strangers = pids.filter((pid) => !commandOf(pid).includes(SUPERVISOR));
  if (strangers.length > 0) throw new Error(`no supervisors of this host: ${strangers.join(' ')}`);
  return pids;
}

/** `depth`: how many pid namespaces from this one on its supervisor is in; a jail is one deeper. */
function roleOf(pid: string, depth: number): Role | undefined {
  const [own, command] = [namespacePids(pid), commandOf(pid)];
  if (own.length === 0 || command.length === 0) return undefined; // it ends
  if (own.length > depth) return own.at(-1) === '1' ? 'holder' : 'job';
  if (own.length < depth) return 'launcher';
  if (command.includes(SUPERVISOR)) return 'supervisor';
  if (command.includes('template')) return 'template';
  return command[0]?.endsWith('/nsjail') ? 'nsjail' : undefined;
}

const commandOf = (pid: string): string[] => textOf(`/proc/${pid}/cmdline`).split('\0').filter(Boolean);

/** Its pid in each pid namespace that it is in, from this one on. */
const namespacePids = (pid: string): string[] =>
  /^NSpid:\s+(.+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1]?.split(/\s+/) ?? [];
