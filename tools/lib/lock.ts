import { spawnSync } from 'node:child_process';
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from './say.ts';

/**
 * A lock on a file, held by an open descriptor: the kernel frees it when the last process that has the descriptor is
 * gone, whatever ended it. Children that are given `fd` hold it as well.
 */
export type Lock = { fd: number; release(): void };

/** Takes the lock on `path`, or `undefined` where somebody else has it. The file then names this process. */
export function tryLock(path: string): Lock | undefined {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  // The lock belongs to the open file that this process shares with `flock`, so it outlives that command.
  const { status, error } = spawnSync('flock', ['-n', '-x', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
  });
  if (error) throw new Refusal(`needs flock (of util-linux): ${error.message}`);
  if (status !== 0) {
    closeSync(fd);
    return undefined;
  }
  ftruncateSync(fd);
  writeSync(fd, `${process.pid} ${startedAt(process.pid)}\n`, 0);
  return { fd, release: () => closeSync(fd) };
}

/** The pid that took the lock, where that process still runs. */
export function lockHolder(path: string): number | undefined {
  const [pid, started] = readFileSync(path, 'utf8').trim().split(' ');
  return pid && started && startedAt(Number(pid)) === started ? Number(pid) : undefined;
}

/** Waits for the lock for up to `timeoutMs`; `onWait` is called once if it is not free at once. */
export async function waitForLock(
  path: string,
  timeoutMs: number,
  onWait: () => void,
): Promise<Lock | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (let first = true; ; first = false) {
    const lock = tryLock(path);
    if (lock || performance.now() > deadline) return lock;
    if (first) onWait();
    await sleep(200);
  }
}

/** A process's start in clock ticks since boot; with the pid it names a process even after pids were used again. */
function startedAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
