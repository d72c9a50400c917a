import { type Settings, settings } from './settings.ts';

export { type Settings, settings } from './settings.ts';

/** A setting that breaks its rule. The message names the variable, the rule and the value. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

/** Parses all settings out of `environment` once; throws one `SettingError` that lists every bad one. */
export function readSettings(environment: Record<string, string | undefined>): Settings {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, { schema }] of Object.entries(settings)) {
    const text = environment[name];
    const parsed = schema.safeParse(text === '' ? undefined : text);
    if (parsed.success) values[name] = parsed.data;
    else
      problems.push(
        `${name} ${parsed.error.issues[0]?.message ?? 'is not valid'}; it is ${show(name, text)}`,
      );
  }
  if (problems.length > 0) throw new SettingError(problems.join('\n'));
  return values as Settings;
}

/** A URL may carry a password, so its value is not shown. */
function show(name: string, text: string | undefined): string {
  return name.endsWith('_URL') ? 'not shown' : JSON.stringify(text);
}
