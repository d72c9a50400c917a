import type { Stack } from '../support/stack.ts';
import { docker } from './docker.ts';

/** The slots of the stack's living workers: ids of containers, or process ids of launchers. */
export async function slotsOf(stack: Stack): Promise<string[]> {
  return (await stack.slotIdentities()).map((identity) => identity.split(' ')[0] ?? '');
}

/** Ends every slot at once, as the host would: `docker kill`, or SIGKILL for the launcher. */
export async function killSlots(stack: Stack, driver: 'process' | 'docker'): Promise<void> {
  const slots = await slotsOf(stack);
  if (driver === 'process') for (const pid of slots) process.kill(Number(pid), 'SIGKILL');
  else if (slots.length > 0) await docker('kill', ...slots);
}
