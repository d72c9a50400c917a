import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Stack } from '../support/stack.ts';
import { workerId } from './with-stack.ts';

const run = promisify(execFile);

/** The Docker CLI of the tests' engine: its output, trimmed. Rejects when it fails. */
export async function docker(...args: string[]): Promise<string> {
  return (await run(process.env.DOCKER_CLI ?? 'docker', args)).stdout.trim();
}

/** Ends every slot of the stack's workers at once, as the host would: `docker kill`, or SIGKILL for the launcher. */
export async function killSlots(stack: Stack, driver: 'process' | 'docker'): Promise<void> {
  const slots = await slotsOf(stack, driver);
  if (driver === 'process') for (const pid of slots) process.kill(Number(pid), 'SIGKILL');
  else if (slots.length > 0) await docker('kill', ...slots);
}

/** The slots of this stack's living workers: ids of containers, or of the launchers' processes. */
export async function slotsOf(stack: Stack, driver: 'process' | 'docker'): Promise<string[]> {
  if (driver === 'process') return (await stack.slotIdentities()).map((identity) => identity.split(' ')[0] ?? '');
  const each = stack.workers.map(async (worker) => {
    const label = `label=jobcell.worker=${workerId(worker.log())}`;
    return (await docker('ps', '-q', '--no-trunc', '--filter', label)).split('\n').filter(Boolean);
  });
  return (await Promise.all(each)).flat();
}
