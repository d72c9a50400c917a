import { isIPv4 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SettingError, type Settings } from '@jobcell/shared/config';
import type { Logger } from '@jobcell/shared/log';
import { isStoreDown } from '../http/store-down.ts';
import type { KeyRing } from './key-ring.ts';

const ASK_AGAIN_MS = 100;

/**
 * Resolves when the API may listen on `HOST`: one that others can reach needs keys, or the operator's word, which is
 * warned of. Waits for Redis, which has them; throws a `SettingError` where there are none.
 */
export async function allowHost(
  { HOST, ALLOW_UNAUTHENTICATED }: Pick<Settings, 'HOST' | 'ALLOW_UNAUTHENTICATED'>,
  keys: Pick<KeyRing, 'required'>,
  log: Logger,
): Promise<void> {
  if (isLoopback(HOST)) return;
  if (ALLOW_UNAUTHENTICATED) return void warnWithoutKeys(keys, log);
  if (await keysRequired(keys, log)) return;
  throw new SettingError(
    `HOST must be localhost, 127.0.0.1 or ::1 while there are no API keys (npm run keys -- create makes one), unless ALLOW_UNAUTHENTICATED is true; it is ${JSON.stringify(HOST)}`,
  );
}

async function warnWithoutKeys(keys: Pick<KeyRing, 'required'>, log: Logger): Promise<void> {
  if (await keysRequired(keys, log)) return;
  log.warn('there are no API keys: whoever reaches this port can run scripts, until the first key is made');
}

async function keysRequired(keys: Pick<KeyRing, 'required'>, log: Logger): Promise<boolean> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await keys.required();
    } catch (error) {
      if (!isStoreDown(error)) throw error;
    }
    // The first answers may come before the connection is there, in any start.
    if (tries === 10) log.warn('waiting for Redis, which knows whether there are API keys');
    await sleep(ASK_AGAIN_MS);
  }
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
