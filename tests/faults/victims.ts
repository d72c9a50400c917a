import { expect } from 'vitest';
import type { Start } from '../support/drivers.ts';
import type { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { countsOf, hasThreads, killAll, membersOf, type Role } from './members.ts';
import { killSlots } from './slots.ts';

export type Place = { name: 'process' | 'docker'; start: Start };

/** What is killed of a slot: each process that has this part in it; or, as an engine would, its container. */
export type Victim = Exclude<Role, 'job'> | 'container';

/** What a slot has between two jobs, and what more while it runs one. */
export function victimsOf({ name, start }: Place): { idle: Victim[]; busy: Victim[] } {
  const always: Victim[] = ['supervisor', name === 'docker' ? 'container' : 'launcher'];
  const jails: Victim[] = ['nsjail', 'holder'];
  if (start === 'cold') return { idle: always, busy: [...jails, ...always] };
  return { idle: ['template', ...jails, ...always], busy: ['template', ...jails, ...always] };
}

export async function kill(stack: Stack, { name }: Place, victim: Victim): Promise<void> {
  if (victim === 'container') return await killSlots(stack, name);
  const pids = (await membersOf(stack, name))[victim];
  expect(pids, victim).toBeDefined();
  killAll(pids);
}

const atRest: Record<Start, Partial<Record<Role, number>>> = {
  warm: { supervisor: 1, template: 2, nsjail: 1, holder: 2, job: 2 },
  cold: { supervisor: 1 },
};

/** Until there are so many slots, each with all that it has between two jobs and nothing else. */
export async function untilAtRest(stack: Stack, { name, start }: Place, slots: number): Promise<void> {
  const one = { ...atRest[start], ...(name === 'process' ? { launcher: 1 } : {}) };
  const all = Object.fromEntries(Object.entries(one).map(([role, count]) => [role, slots * count]));
  await until('the slots are at rest', async () => {
    expect(countsOf(await membersOf(stack, name))).toEqual(all);
    return true;
  });
}

/** Until a job is at work that has a second thread. */
export async function untilAtWork(stack: Stack, { name }: Place): Promise<void> {
  await until('a job is at work', async () => (await membersOf(stack, name)).job?.some(hasThreads));
}
