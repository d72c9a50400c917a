import type { KeyRequest } from '@jobcell/shared/contract';
import { KeyStore } from '@jobcell/shared/keys';
import { createLogger } from '@jobcell/shared/log';
import { connectRedis } from '@jobcell/shared/store';

/** The header that sends a key. */
export const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });

/** Uses the keys below `prefix` as `npm run keys` does: no API process hears of it. */
export async function elsewhere<T>(
  url: string,
  prefix: string,
  use: (keys: KeyStore) => Promise<T>,
): Promise<T> {
  const redis = connectRedis(url, 'blocking', createLogger('silent', 'test'));
  try {
    return await use(new KeyStore(redis, prefix));
  } finally {
    redis.disconnect();
  }
}

export const keyRequest = (changes: Partial<KeyRequest> = {}): KeyRequest => ({
  ...{ name: 'test', scopes: ['jobs:write', 'jobs:read', 'admin'] },
  ...changes,
});
