import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Lock, lockHolder, tryLock, waitForLock } from '../lock.ts';
import { describeEnd, startPart } from '../parts/part.ts';
import { Refusal } from '../say.ts';
import { findRedis } from './find.ts';
import { openRedisPlace, runningRedisPlace } from './place.ts';
import { redisAnswers, redisCommand, untilRedisAnswers } from './server.ts';

/** How long a Redis is waited for that is about to start or to end, or another tool that uses it. */
const WAIT_MS = 30_000;
const REDIS_GRACE_MS = 30_000;

/**
 * Gives `use` the URL of the embedded Redis: of the one that `npm start` runs now, else of one that is started for it,
 * under the same lock and on the same files. One tool at a time, so that none ends a Redis that another uses.
 */
export async function withEmbeddedRedis<T>(dataDir: string, use: (url: string) => Promise<T>): Promise<T> {
  const turn = await waitForLock(join(dataDir, 'keys.lock'), WAIT_MS, () => undefined);
  if (!turn) throw new Refusal(`another tool still uses the Redis in DATA_DIR ${dataDir}`);
  try {
    return await useRedis(dataDir, use);
  } finally {
    turn.release();
  }
}

async function useRedis<T>(dataDir: string, use: (url: string) => Promise<T>): Promise<T> {
  const path = join(dataDir, 'start.lock');
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const lock = tryLock(path);
    if (lock) return await startFor(use, dataDir, lock).finally(lock.release);
    const { socket, url } = runningRedisPlace(dataDir);
    if (await redisAnswers(socket)) return await use(url);
    if (performance.now() > deadline) {
      const pid = lockHolder(path);
      const who = pid === undefined ? 'parts of a Jobcell use' : `another Jobcell (pid ${pid}) uses`;
      throw new Refusal(
        `${who} DATA_DIR ${dataDir}, and its Redis does not answer (set REDIS_URL if that one has it)`,
      );
    }
    await sleep(100);
  }
}

async function startFor<T>(use: (url: string) => Promise<T>, dataDir: string, lock: Lock): Promise<T> {
  const program = await findRedis(dataDir);
  const place = openRedisPlace(dataDir);
  const redis = startPart({
    command: redisCommand(program, place),
    cwd: place.folder,
    env: { ...process.env, ...program.env },
    orphanSignal: 'TERM',
    lockFd: lock.fd,
    onLine: () => undefined,
  });
  const ended = new AbortController();
  redis.ended.then((end) => ended.abort(new Refusal(`${program.name} ${describeEnd(end)}`)));
  try {
    await untilRedisAnswers(place.socket, ended.signal);
    return await use(place.url);
  } finally {
    await redis.stop(REDIS_GRACE_MS);
    place.close();
  }
}
