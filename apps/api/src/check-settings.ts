import { isIPv4 } from 'node:net';
import { SettingError, type Settings } from '@jobcell/shared/config';
import type { ApiSettings } from './parts.ts';

/** The rules between settings that only the API has. Throws one `SettingError`. */
export function checkSettings(settings: Settings): ApiSettings {
  const { REDIS_URL, HOST, ALLOW_UNAUTHENTICATED } = settings;
  if (REDIS_URL === undefined) throw new SettingError('REDIS_URL must be set for the API; it is not');
  if (!isLoopback(HOST) && !ALLOW_UNAUTHENTICATED) {
    throw new SettingError(
      `HOST must be localhost, 127.0.0.1 or ::1 while there are no API keys, unless ALLOW_UNAUTHENTICATED is true; it is ${JSON.stringify(HOST)}`,
    );
  }
  return { ...settings, REDIS_URL };
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
