import { readFileSync } from 'node:fs';

/** What is run, by its file in `scripts/`: nearly nothing, and a group-by of 1,000 rows. */
export const scripts = ['trivial', 'pandas'] as const;
export type Script = (typeof scripts)[number];

const sources = Object.fromEntries(
  scripts.map((script) => [script, readFileSync(new URL(`scripts/${script}.py`, import.meta.url), 'utf8')]),
) as Record<Script, string>;

/** The script's Python source. */
export const sourceOf = (script: Script): string => sources[script];
