import { once } from 'node:events';
import { openHouse, type PartName } from '../lib/parts/house.ts';
import { describeEnd, type PartEnd } from '../lib/parts/part.ts';
import type { Ground } from '../lib/prepare.ts';
import { Refusal, warn } from '../lib/say.ts';
import type { StopRequests } from '../lib/stop-requests.ts';

/**
 * Runs the parts until a stop is asked for (0); their logs are this container's. It stays up where the sandbox cannot be
 * had: `/ready` and the log then say why, and no job is taken. Throws a `Refusal` once a part ends too often.
 */
export async function serve(ground: Ground, stops: StopRequests): Promise<number> {
  const failed = new AbortController();
  const ending = AbortSignal.any([failed.signal, stops.first]);
  const house = await openHouse(
    {
      ...ground,
      policy: 'restart',
      onLine: (_, __, text) => void process.stdout.write(`${text}\n`),
      onCrash: (name, end) => warn(`${name} ${describeEnd(end)}; it starts again`),
      onGiveUp: (name: PartName, end: PartEnd) =>
        failed.abort(new Refusal(`${name} ${describeEnd(end)} (too often)`)),
    },
    ending,
  );
  stops.second.addEventListener('abort', house.hurry);
  try {
    if (!ending.aborted) await once(ending, 'abort');
  } finally {
    await house.stop();
  }
  failed.signal.throwIfAborted();
  return 0;
}
