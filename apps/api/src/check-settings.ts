import { SettingError, type Settings } from '@jobcell/shared/config';
import type { ApiSettings } from './parts.ts';

/** The rules that only the API has and that the settings alone decide. Throws a `SettingError`. */
export function checkSettings(settings: Settings): ApiSettings {
  const { REDIS_URL } = settings;
  if (REDIS_URL === undefined) throw new SettingError('REDIS_URL must be set for the API; it is not');
  return { ...settings, REDIS_URL };
}
