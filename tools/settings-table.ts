/**
 * Writes the table of settings into the README, from the settings themselves; `npm run format` then lays it out.
 * With `--check` it only tells whether the table is current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { settings } from '@jobcell/shared/config';
import { ROOT } from './lib/paths.ts';
import { Refusal, runTool } from './lib/say.ts';

const MARKED = /(<!-- settings:[^>]*-->\n)[\s\S]*?(<!-- \/settings -->)/;
const FILE = `${ROOT}/README.md`;

await runTool(async () => {
  const before = readFileSync(FILE, 'utf8');
  const after = before.replace(MARKED, (_all, open: string, close: string) => `${open}${table()}\n${close}`);
  if (!process.argv.includes('--check')) writeFileSync(FILE, after);
  else if (plain(before) !== plain(after))
    throw new Refusal(
      'the settings of README.md are not current: node tools/settings-table.ts, npm run format',
    );
  return 0;
});

function table(): string {
  const rows = Object.entries(settings).map(([name, setting]) => {
    const shown = 'shownDefault' in setting ? setting.shownDefault : `\`${setting.schema.parse(undefined)}\``;
    return `| \`${name}\` | ${shown} | ${setting.help} |`;
  });
  return ['| name | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** Without what the formatter adds: blanks, and the length of rules. */
function plain(text: string): string {
  return text.replaceAll(/-{3,}/g, '---').replaceAll(/\s+/g, '');
}
