import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ROOT } from './paths.ts';
import { Refusal } from './say.ts';

const WRITABLE_BY_OTHERS = 0o022;

/**
 * Makes `DATA_DIR` (relative to the repository), closed to others; answers its absolute path. One that is there is
 * taken as it is, if nobody else can put anything into it.
 */
export function openDataDir(dataDir: string): string {
  const path = resolve(ROOT, dataDir);
  try {
    makeFolder(path);
  } catch (error) {
    throw new Refusal(`DATA_DIR ${path} cannot be made: ${(error as NodeJS.ErrnoException).code}`);
  }
  const { uid, mode } = statSync(path);
  if (uid !== process.getuid?.() || (mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new Refusal(
      `DATA_DIR must belong to this user and be closed to the writes of others; ${path} is not`,
    );
  }
  return path;
}

/** With its parents. Node's own `recursive` never returns where a folder is there that takes no others, as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  if (!existsSync(dirname(path))) makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}
