import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Logger } from '@jobcell/shared/log';
import { Diagnostics } from '../diagnostics.ts';
import type { Transport } from '../transport.ts';

/**
 * After the end of its stdin, at which the supervisor ends. The first SIGTERM asks it again, the second has the launcher
 * kill it, within the second that a cancelled job has in all; only then the launcher removes the slot's cgroup, which
 * takes it up to 2 s on a busy machine.
 */
const TERMINATE_AFTER_MS = [100, 250];
const KILL_AFTER_MS = 5_000;
/** Between the launcher's exit and the end of its pipes, which its children may hold for a moment. */
const DRAIN_MS = 500;

type Launcher = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts a launcher, which becomes one slot. It is its own session, so a Ctrl-C in a terminal does not reach it. */
export function startLauncher([program = '', ...args]: string[], log: Logger): Transport {
  const child: Launcher = spawn(program, args, {
    cwd: '/',
    detached: true,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const id = String(child.pid ?? 'none');
  const diagnostics = new Diagnostics(log.child({ slot: id }));
  child.stderr.on('data', (chunk: Buffer) => diagnostics.push(chunk));
  child.stdin.on('error', () => undefined); // its end is told by `ended`
  const ended = untilEnded(child, diagnostics);
  return {
    id,
    ended,
    onOutput: (listener) => void child.stdout.on('data', listener),
    send: (pieces) => writeAll(child.stdin, pieces),
    allow: async () => undefined, // the supervisor limits each job's own cgroup, or samples
    kill: () => kill(child, ended),
  };
}

function untilEnded(child: Launcher, diagnostics: Diagnostics): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`the launcher could not be started: ${error.message}`));
    const say = () => {
      const how = child.signalCode ?? `code ${child.exitCode}`;
      const words = diagnostics.lastWords();
      resolve(words === '' ? `the launcher ended (${how})` : `the launcher ended (${how}): ${words}`);
    };
    child.once('close', say);
    child.once('exit', () => setTimeout(say, DRAIN_MS).unref());
  });
}

function writeAll(stdin: Writable, pieces: Buffer[]): void {
  stdin.cork();
  for (const piece of pieces) stdin.write(piece);
  stdin.uncork();
}

/** The launcher ends at the end of its stdin; all of its process tree ends with it. */
async function kill(child: Launcher, ended: Promise<string>): Promise<void> {
  if (child.pid === undefined) return;
  child.stdin.destroy();
  const timers = [
    ...TERMINATE_AFTER_MS.map((after) => setTimeout(() => child.kill('SIGTERM'), after)),
    setTimeout(() => killGroup(child), KILL_AFTER_MS),
  ];
  await ended;
  timers.forEach(clearTimeout);
}

function killGroup(child: Launcher): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
