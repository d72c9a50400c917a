import { once } from 'node:events';
import { type House, type HouseOptions, openHouse } from '../lib/parts/house.ts';
import { INFO, showLogLine } from '../lib/parts/log-line.ts';
import { describeEnd } from '../lib/parts/part.ts';
import { untilReady, urlOf } from '../lib/parts/ready.ts';
import { type Ground, prepare } from '../lib/prepare.ts';
import { endRunning } from '../lib/run.ts';
import { Refusal, runTool, say, warn } from '../lib/say.ts';
import { onStopRequests, type StopRequests } from '../lib/stop-requests.ts';
import { setUpSandboxPython } from '../sandbox-python/setup.ts';
import { type Change, watchSources } from './changes.ts';

/** A reload does not wait long for the jobs that run; they run again. */
const DEFAULTS = { SHUTDOWN_GRACE_MS: '2000' };
const READY_TIMEOUT_MS = 60_000;

const showing: Pick<HouseOptions, 'policy' | 'onLine' | 'onCrash' | 'onGiveUp'> = {
  policy: 'wait',
  onLine: (name, line) => {
    if (name === 'redis' || line.level < INFO) return;
    process.stdout.write(`${new Date().toISOString().slice(11, 23)} ${showLogLine(name, line)}\n`);
  },
  onCrash: (name, end) => warn(`${name} ${describeEnd(end)}; it starts again at the next change`),
  onGiveUp: (name, end) => warn(`${name} ${describeEnd(end)}; it ended too often`),
};

/** `npm run dev`: what `npm start` runs, with all logs, each part started anew when its files change. */
await runTool(async () => {
  const stops = onStopRequests(process.env);
  stops.first.addEventListener('abort', endRunning);
  try {
    return await develop(await prepare({ ...DEFAULTS, ...process.env }), stops);
  } catch (error) {
    if (stops.first.aborted && (error instanceof Refusal || (error as Error).name === 'AbortError'))
      return 130;
    throw error;
  }
});

async function develop(ground: Ground, stops: StopRequests): Promise<number> {
  const house = await openHouse({ ...ground, ...showing }, stops.first);
  stops.second.addEventListener('abort', house.hurry);
  let work = sayWhenReady(ground, stops.first);
  const onChange = (change: Change) => {
    work = work
      .then(() => reload(house, ground, change, stops.first))
      .catch((error: Error) => warn(error.message));
  };
  watchSources(onChange, stops.first);
  if (!stops.first.aborted) await once(stops.first, 'abort');
  await work;
  say('stopping');
  await house.stop();
  return 0;
}

async function reload(
  house: House,
  ground: Ground,
  { parts, packages }: Change,
  stop: AbortSignal,
): Promise<void> {
  if (stop.aborted) return;
  say(`changed: starting ${parts.join(' and ')} anew`);
  if (packages) await setUpSandboxPython(ground.dataDir);
  await Promise.all(parts.map(house.restart));
  await sayWhenReady(ground, stop);
}

/** The API may still answer for a worker that has just ended, so this is no proof of the newest one. */
async function sayWhenReady({ settings }: Ground, stop: AbortSignal): Promise<void> {
  const url = urlOf(settings.HOST, settings.PORT);
  const reasons = await untilReady(url, AbortSignal.any([stop, AbortSignal.timeout(READY_TIMEOUT_MS)]));
  if (stop.aborted) return;
  if (reasons.length === 0) say(`ready at ${url}, watching for changes`);
  else warn(`not ready: ${reasons.join('; ')}`);
}
