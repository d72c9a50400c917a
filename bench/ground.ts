import { openDataDir } from '../tools/lib/data-dir.ts';
import { endRunning } from '../tools/lib/run.ts';
import { Refusal } from '../tools/lib/say.ts';
import { setUpSandboxPython } from '../tools/sandbox-python/setup.ts';
import { bringUpEngine } from '../tools/test/engine.ts';
import type { Driver } from './served.ts';

/** What the machine has: the folder of the process driver's Python, and the drivers of those asked for that it can run. */
export type Ground = { sandbox: string; drivers: Driver[] };

/** Brings up what is missing; an engine that was not there before ends with `owner`. */
export async function prepareGround(
  asked: Driver[],
  stop: AbortSignal,
  owner: AsyncDisposableStack,
): Promise<Ground> {
  stop.addEventListener('abort', endRunning);
  const dataDir = openDataDir('.jobcell');
  await setUpSandboxPython(dataDir);
  if (asked.includes('docker')) {
    const engine = await bringUpEngine();
    owner.defer(() => engine.release());
    Object.assign(process.env, engine.environment);
  }
  // From here on commands are run to clean up, too.
  stop.removeEventListener('abort', endRunning);
  return { sandbox: `${dataDir}/sandbox`, drivers: await thoseThatRun(asked) };
}

async function thoseThatRun(asked: Driver[]): Promise<Driver[]> {
  // It looks for the engine when it is loaded.
  const { drivers } = await import('../tests/support/drivers.ts');
  const wanted = drivers.filter(({ name }) => asked.includes(name));
  for (const { name, skip } of wanted) if (skip !== null) console.log(`without ${name}: ${skip}`);
  const able = wanted.filter(({ skip }) => skip === null).map(({ name }) => name);
  if (able.length === 0) throw new Refusal('this machine can run none of the drivers');
  return able;
}
