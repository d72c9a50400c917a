import { accessSync, chmodSync, constants, mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ROOT } from './paths.ts';
import { Refusal } from './say.ts';

/** Makes `DATA_DIR` (relative to the repository), closed to others; answers its absolute path. */
export function openDataDir(dataDir: string): string {
  const path = resolve(ROOT, dataDir);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if ((statSync(path).mode & 0o777) !== 0o700) chmodSync(path, 0o700);
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Refusal(
      `DATA_DIR must be a folder that this user owns and can write; ${path} is not (${code})`,
    );
  }
  return path;
}
