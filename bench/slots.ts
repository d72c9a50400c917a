import { textOf } from '../tests/support/proc.ts';
import { lastLine, run } from '../tools/lib/run.ts';
import type { Served } from './served.ts';

/** A slot: what tells it from its successor, and its first process here; `null` where the engine is elsewhere. */
export type Slot = { identity: string; container: string | null; pid: string | null };

/** The slots that a stack has now. Its launcher is the first process of a slot, or the container's supervisor. */
export async function slotsOf({ driver, stack }: Pick<Served, 'driver' | 'stack'>): Promise<Slot[]> {
  const identities = await stack.slotIdentities();
  const names = identities.map((identity) => identity.split(' ')[0] ?? '');
  if (driver === 'process') {
    return identities.map((identity, at) => ({ identity, container: null, pid: names[at] ?? null }));
  }
  const pids = (await docker('inspect', '--format', '{{.State.Pid}}', ...names)).split('\n');
  return identities.map((identity, at) => {
    const pid = pids[at] ?? '';
    const isHere = textOf(`/proc/${pid}/cmdline`).includes('supervisor');
    return { identity, container: names[at] ?? '', pid: isHere ? pid : null };
  });
}

/** What Docker's command line says; rejects when it fails. */
export async function docker(...args: string[]): Promise<string> {
  const ran = await run(process.env.DOCKER_CLI ?? 'docker', args);
  if (ran.code !== 0) throw new Error(`docker ${args[0]}: ${lastLine(ran)}`);
  return ran.stdout.trim();
}
