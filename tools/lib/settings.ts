import { readSettings, SettingError, type Settings } from '@jobcell/shared/config';
import { Refusal } from './say.ts';

/** The settings out of `environment`; bad ones are a `Refusal`. */
export function settingsOf(environment: NodeJS.ProcessEnv): Settings {
  try {
    return readSettings(environment);
  } catch (error) {
    if (error instanceof SettingError) throw new Refusal(error.message);
    throw error;
  }
}
