import type { Key, KeyCreated } from '../../contract/index.ts';

/** A new key for people. */
export function showCreated({ key, id, name, tenant, scopes, expires_at }: KeyCreated): string {
  const rows = { key, id, name, tenant, scopes: scopes.join(', '), expires: expires_at ?? 'never' };
  const lines = Object.entries(rows).map(([title, text]) => `${title.padEnd(8)} ${text}`);
  return `${lines.join('\n')}\n\nKeep the key now: it is not shown again.\n`;
}

const HEAD = ['ID', 'NAME', 'TENANT', 'SCOPES', 'EXPIRES', 'LAST USED'];

/** Keys for people: a line each, in columns. */
export function showKeys(keys: Key[]): string {
  const rows = [HEAD, ...keys.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

const cells = ({ id, name, tenant, scopes, expires_at, last_used_at }: Key): string[] => [
  ...[id, name, tenant === id ? '(its own)' : tenant, scopes.join(',')],
  ...[expires_at ?? 'never', last_used_at ?? 'never'],
];
