import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { causes } from '../lib/causes.ts';
import { ROOT } from '../lib/paths.ts';

test('the table of causes in docs/operations.md is the list of the code', () => {
  const text = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  const [, table = ''] = /<!-- causes -->\n([\s\S]*?)<!-- \/causes -->/.exec(text) ?? [];
  const rows = table
    .trim()
    .split('\n')
    .slice(2)
    .map((row) => row.split('|').map((cell) => cell.trim()));
  expect(rows.map(([, id, means, cure]) => [id, means, cure])).toEqual(
    Object.entries(causes).map(([id, { means, cure }]) => [`\`${id}\``, means, cure]),
  );
});
