import { readFileSync } from 'node:fs';

/** A script under test is a file: its text, by its path below `tests/`. */
export function script(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}
