import { once } from 'node:events';
import { type House, type HouseOptions, openHouse } from '../lib/parts/house.ts';
import { INFO, type LogLine, showLogLine } from '../lib/parts/log-line.ts';
import { describeEnd } from '../lib/parts/part.ts';
import { untilReady, urlOf } from '../lib/parts/ready.ts';
import type { Ground } from '../lib/prepare.ts';
import { say, warn } from '../lib/say.ts';
import type { StopRequests } from '../lib/stop-requests.ts';
import { setUpSandboxPython } from '../sandbox-python/setup.ts';
import { type Change, watchSources } from './changes.ts';

const READY_TIMEOUT_MS = 60_000;

/** Runs the parts, and starts anew what a change affects, until a stop is asked for. */
export async function develop(ground: Ground, stops: StopRequests): Promise<number> {
  const house = await openHouse({ ...ground, ...showing }, stops.first);
  stops.second.addEventListener('abort', house.hurry);
  let outdated = new AbortController();
  const wait = () => sayWhenReady(ground, AbortSignal.any([stops.first, outdated.signal]));
  let work = wait();
  const onChange = (change: Change) => {
    outdated.abort();
    outdated = new AbortController();
    work = work
      .then(() => (stops.first.aborted ? undefined : reload(house, ground, change)))
      .then(wait)
      .catch((error: Error) => warn(error.message));
  };
  watchSources(onChange, stops.first);
  if (!stops.first.aborted) await once(stops.first, 'abort');
  await work;
  say('stopping');
  await house.stop();
  return 0;
}

const showing: Pick<HouseOptions, 'policy' | 'onLine' | 'onCrash' | 'onGiveUp'> = {
  policy: 'wait',
  onLine: (name, line) => {
    if (name === 'redis' || line.level < INFO || isOwnQuestion(line)) return;
    process.stdout.write(`${new Date().toISOString().slice(11, 23)} ${showLogLine(name, line)}\n`);
  },
  onCrash: (name, end) => warn(`${name} ${describeEnd(end)}; it starts again at the next change`),
  onGiveUp: (name, end) => warn(`${name} ${describeEnd(end)}; it ended too often`),
};

/** The request that `sayWhenReady` makes, over and over. */
function isOwnQuestion({ message, fields }: LogLine): boolean {
  return message === 'request' && fields.route === '/ready';
}

async function reload(house: House, { dataDir }: Ground, { parts, packages }: Change): Promise<void> {
  say(`changed: starting ${parts.join(' and ')} anew`);
  if (packages) await setUpSandboxPython(dataDir);
  await Promise.all(parts.map(house.restart));
}

/** Waits until all is ready, and says so, or why not; says nothing once `signal` aborts. */
async function sayWhenReady({ settings }: Ground, signal: AbortSignal): Promise<void> {
  const url = urlOf(settings.HOST, settings.PORT);
  const reasons = await untilReady(url, AbortSignal.any([signal, AbortSignal.timeout(READY_TIMEOUT_MS)]));
  if (signal.aborted) return;
  if (reasons.length === 0) say(`ready at ${url}, watching for changes`);
  else warn(`not ready: ${reasons.join('; ')}`);
}
