import { once } from 'node:events';
import { type HouseOptions, openHouse, type PartName } from '../lib/parts/house.ts';
import { showLogLine, WARNING } from '../lib/parts/log-line.ts';
import { describeEnd, type PartEnd } from '../lib/parts/part.ts';
import { untilReady, urlOf } from '../lib/parts/ready.ts';
import type { Ground } from '../lib/prepare.ts';
import { Refusal, say, warn } from '../lib/say.ts';
import type { StopRequests } from '../lib/stop-requests.ts';
import { greet } from './greeting.ts';

const READY_TIMEOUT_MS = 60_000;
const TITLES = { redis: 'Redis', api: 'API', worker: 'worker' } as const;

/** Runs the parts until a stop is asked for (0), or throws the `Refusal` that says why they cannot go on. */
export async function serve(ground: Ground, stops: StopRequests): Promise<number> {
  const failed = new AbortController();
  const started = new AbortController();
  const ending = AbortSignal.any([failed.signal, stops.first]);
  say(ground.redis ? `starting ${ground.redis.name}, API and worker` : 'starting API and worker');
  const house = await openHouse({ ...ground, ...watching(ground, started.signal, failed) }, ending);
  stops.second.addEventListener('abort', house.hurry);
  try {
    await greetWhenReady(ground, house.redisUrl, ending);
    started.abort();
    if (!ending.aborted) await once(ending, 'abort');
    say('stopping');
  } finally {
    await house.stop();
  }
  failed.signal.throwIfAborted();
  say('stopped');
  return 0;
}

/** What is shown of the parts, and what becomes of their crashes: before the start is over, one is the end. */
function watching(
  { dataDir, settings }: Ground,
  started: AbortSignal,
  failed: AbortController,
): Pick<HouseOptions, 'policy' | 'onLine' | 'onCrash' | 'onGiveUp'> {
  const isTalkative = settings.LOG_LEVEL === 'debug' || settings.LOG_LEVEL === 'trace';
  const fail = (name: PartName, end: PartEnd, more: string) => {
    failed.abort(new Refusal(`${TITLES[name]} ${describeEnd(end)} (${more}log: ${dataDir}/log/${name}.log)`));
  };
  return {
    policy: 'restart',
    onLine: (name, line) => {
      if (isTalkative || (started.aborted && line.level >= WARNING))
        process.stderr.write(`jobcell: ${showLogLine(name, line)}\n`);
    },
    onCrash: (name, end, pauseMs) => {
      if (!started.aborted) return fail(name, end, '');
      warn(`${TITLES[name]} ${describeEnd(end)}; it starts again in ${pauseMs} ms`);
    },
    onGiveUp: (name, end) => fail(name, end, 'too often; '),
  };
}

/** Prints where Jobcell is, a command to try and what is in force, once the API says that all is ready. */
async function greetWhenReady(
  { settings, dataDir, redis }: Ground,
  redisUrl: string,
  ending: AbortSignal,
): Promise<void> {
  const url = urlOf(settings.HOST, settings.PORT);
  const reasons = await untilReady(url, AbortSignal.any([ending, AbortSignal.timeout(READY_TIMEOUT_MS)]));
  if (ending.aborted) return;
  if (reasons.length > 0) {
    const waited = `not ready within ${READY_TIMEOUT_MS / 1000} s`;
    throw new Refusal(`${waited}: ${reasons.join('; ')} (logs: ${dataDir}/log)`);
  }
  const store = redis ? `${redis.name} ${redis.version} in ${dataDir}/redis` : 'the Redis of REDIS_URL';
  await greet({ url, settings, store, dataDir, redisUrl });
}
