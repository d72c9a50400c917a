/** Writes the table of settings into the README, from the settings themselves. `--check` only tells whether it is current. */
import { readFileSync, writeFileSync } from 'node:fs';
import { settings } from '@jobcell/shared/config';
import { ROOT } from './lib/paths.ts';

const MARKED = /(<!-- settings:[^>]*-->\n)[\s\S]*?(<!-- \/settings -->)/;

const rows = Object.entries(settings).map(([name, setting]) => {
  const shown = 'shownDefault' in setting ? setting.shownDefault : `\`${setting.schema.parse(undefined)}\``;
  return `| \`${name}\` | ${shown} | ${setting.help} |`;
});
const table = ['| name | default | meaning |', '|---|---|---|', ...rows].join('\n');

const file = `${ROOT}/README.md`;
const before = readFileSync(file, 'utf8');
const after = before.replace(MARKED, (_all, open: string, close: string) => `${open}${table}\n${close}`);
if (process.argv.includes('--check')) {
  if (before !== after)
    throw new Error('the settings table of README.md is not current: node tools/settings-table.ts');
} else {
  writeFileSync(file, after);
}
