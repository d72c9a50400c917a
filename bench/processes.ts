import { setTimeout as pause } from 'node:timers/promises';
import { familyOf } from '../tests/support/proc.ts';

const PATIENCE_MS = 10_000;
const CHECK_MS = 50;

/**
 * Ends what this process has started and nobody has ended: the parts of a stack whose start was broken off. A worker
 * takes its slots with it.
 */
export async function endChildren(): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (const pid of children()) send(pid, 'SIGTERM');
  while (children().length > 0 && performance.now() < deadline) await pause(CHECK_MS);
  killChildren();
}

/** The same at once. */
export function killChildren(): void {
  for (const pid of children()) send(pid, 'SIGKILL');
}

/** Those that we have started ourselves. */
function children(): number[] {
  const own = new Set(familyOf(`${process.pid}`).slice(1));
  const theirs = new Set([...own].flatMap((pid) => familyOf(pid).slice(1)));
  return [...own].filter((pid) => !theirs.has(pid)).map(Number);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended.
  }
}
