import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Settings } from '@jobcell/shared/config';
import { type Lock, lockHolder, tryLock, waitForLock } from './lock.ts';
import { ROOT } from './paths.ts';
import { Refusal, say } from './say.ts';

const WRITABLE_BY_OTHERS = 0o022;
const HIDDEN = /^[0-9a-f]{32}$/;

/**
 * Makes `DATA_DIR` (relative to the repository), closed to others; answers its absolute path. One that is there is
 * taken as it is, if nobody else can put anything into it; where there is a hidden folder in it, that is meant.
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
  const hidden = readdirSync(path).find((name) => HIDDEN.test(name));
  return hidden === undefined ? path : openDataDir(join(path, hidden));
}

/**
 * The same with a hidden folder in it, made where there is none. A script without a mount namespace can ask for the size of
 * any file whose path it knows, and these grow with what others submit; it can list no folder outside of /usr and /tmp.
 */
export function openHiddenDataDir(dataDir: string): string {
  const path = openDataDir(dataDir);
  return HIDDEN.test(basename(path)) ? path : openDataDir(join(path, randomBytes(16).toString('hex')));
}

/** Nobody else may start here. The parts of a start hold the lock as well, so that none of them outlives it unseen. */
export async function lockDataDir(
  dataDir: string,
  { SHUTDOWN_GRACE_MS }: Pick<Settings, 'SHUTDOWN_GRACE_MS'>,
): Promise<Lock> {
  const path = join(dataDir, 'start.lock');
  const lock = tryLock(path);
  if (lock) return lock;
  const pid = lockHolder(path);
  const advice = 'end it, or set another DATA_DIR and PORT';
  if (pid !== undefined)
    throw new Refusal(`another Jobcell (pid ${pid}) uses DATA_DIR ${dataDir}: ${advice}`);
  const freed = await waitForLock(path, SHUTDOWN_GRACE_MS + 10_000, () => {
    say('waiting for the parts of an earlier start to end');
  });
  if (!freed) throw new Refusal(`parts of an earlier start still use DATA_DIR ${dataDir}: ${advice}`);
  return freed;
}

/** With its parents. Node's own `recursive` never returns where a folder is there that takes no others, as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  if (!existsSync(dirname(path))) makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}
