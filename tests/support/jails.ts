import { clone, isRoot, makeFurnishedGround, npmStart, takeDependencies } from '../start/jobcell.ts';
import { places } from './drivers.ts';
import { Client } from './http.ts';
import { familyOf, textOf } from './proc.ts';
import { skip as skipSingle, startSingle } from './single.ts';
import { launchers, type Stack, startStack } from './stack.ts';

/** A service with one slot, as tests of single jobs need it. */
export type Jail = Pick<Stack, 'client' | 'slotIdentities' | 'stop'>;

/**
 * Every way in which a script gets its jail: each must hold. `skip` is the reason why this machine cannot try it,
 * `warm` whether the jail waits for the script.
 */
export const jails: { where: string; skip: string | null; warm: boolean; start(): Promise<Jail> }[] = [
  ...places.map(({ name, start, warm, skip }) => ({
    where: `on the ${name} driver, ${start}`,
    skip,
    warm,
    start: () => startStack({ driver: name, start, slots: 1 }),
  })),
  {
    where: 'by npm start as an ordinary user',
    warm: true,
    skip: isRoot ? null : 'skipped: only root can become another user',
    start: startAsOrdinaryUser,
  },
  {
    where: 'in the single container',
    warm: true,
    skip: skipSingle,
    start: () => startSingle({ namespaces: 'allowed', settings: { SANDBOX_SLOTS: '1' } }),
  },
];

/** The real `npm start` by a user who can write no cgroup: limits are then enforced by sampling. */
async function startAsOrdinaryUser(): Promise<Jail> {
  const ground = makeFurnishedGround({ asStranger: true });
  const folder = clone(ground);
  takeDependencies(folder);
  let end = async () => {};
  const start = npmStart(ground, folder, {
    settings: { SANDBOX_SLOTS: '1' },
    finallyDo: (ending) => {
      end = ending;
    },
  });
  const { url } = await start.ready();
  const client = new Client(url);
  const runtime = (await client.get('/runtime')).body as { limits_enforced_by: string };
  if (runtime.limits_enforced_by !== 'sampling') throw new Error('an ordinary user has a cgroup here');
  return {
    client,
    slotIdentities: () => launchers(workersBelow(`${start.npm.pid}`)),
    async stop() {
      await end();
      ground.remove();
    },
  };
}

/** The pids of the worker processes that descend from `pid`. */
const workersBelow = (pid: string): string[] =>
  familyOf(pid).filter((each) => textOf(`/proc/${each}/cmdline`).includes('apps/worker/src/main.ts'));
