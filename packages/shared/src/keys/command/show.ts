import type { Key, KeyCreated } from '../../contract/index.ts';

/** A new key for people, with the secret that its webhooks are signed with, where it has one. */
export function showCreated(created: KeyCreated, webhookSecret: string | undefined): string {
  const { key, id, name, tenant, scopes, expires_at } = created;
  const rows = { key, id, name, tenant, scopes: scopes.join(', '), expires: expires_at ?? 'never' };
  const all = webhookSecret === undefined ? rows : { ...rows, webhooks: webhookSecret };
  const lines = Object.entries(all).map(([title, text]) => `${title.padEnd(8)} ${text}`);
  const kept =
    webhookSecret === undefined ? 'the key now: it is' : 'the key and the webhook secret now: they are';
  return `${lines.join('\n')}\n\nKeep ${kept} not shown again.\n`;
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
