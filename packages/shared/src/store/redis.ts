import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../log.ts';

/**
 * What a connection is for. `request`: an outage is an error at once, so that a caller gets a 503 and not a hang.
 * `blocking`: waits through an outage, as a BullMQ worker and a subscriber must.
 */
type Purpose = 'request' | 'blocking';

const COMMAND_TIMEOUT_MS = 800;

const options = {
  request: { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: COMMAND_TIMEOUT_MS },
  blocking: { maxRetriesPerRequest: null },
} satisfies Record<Purpose, RedisOptions>;

/** Opens a connection to `url` (redis://, rediss:// or unix:///path). It reconnects by itself until `quit`. */
export function connectRedis(url: string, purpose: Purpose, log: Logger): Redis {
  const shared = {
    ...options[purpose],
    connectTimeout: 2_000,
    retryStrategy: (tries: number) => Math.min(50 * 2 ** Math.min(tries, 6), 2_000),
  };
  const target = new URL(url);
  const redis =
    target.protocol === 'unix:'
      ? new Redis({ ...shared, path: decodeURIComponent(target.pathname) })
      : new Redis(url, shared);
  redis.on('error', (error: NodeJS.ErrnoException) =>
    log.warn({ code: error.code ?? error.name, purpose }, 'redis'),
  );
  return redis;
}

/** Resolves when `redis` is usable; rejects with its error when that takes longer than `timeoutMs`. */
export async function untilReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  const deadline = AbortSignal.timeout(timeoutMs);
  await new Promise<void>((resolve, reject) => {
    redis.once('ready', resolve);
    deadline.addEventListener('abort', () =>
      reject(new Error(`Redis did not answer within ${timeoutMs} ms`)),
    );
  });
}
