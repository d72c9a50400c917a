import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { ERROR, type LogLine, parseLogLine } from './log-line.ts';

export type PartOptions = {
  command: readonly [string, ...string[]];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** What the kernel sends it when this process is killed, and can end nothing in order any more. */
  orphanSignal: 'TERM' | 'KILL';
  /** Held open by the part, so that a lock on it lasts until the last part is gone. */
  lockFd: number;
  /** Every line of output, as it was written. */
  onLine(line: LogLine, text: string): void;
};

/** How long output is still read after an end: a process that the part left behind may hold the pipe. */
const LAST_OUTPUT_MS = 500;

const HURRY_MS = 3_000;

/** How a part ended, and the last reason that it gave. */
export type PartEnd = { code: number | null; signal: NodeJS.Signals | null; reason: string };

/** A running part: Redis, the API or a worker. */
export type Part = {
  pid: number | undefined;
  ended: Promise<PartEnd>;
  /** Asks it to end, and kills it after `graceMs`. */
  stop(graceMs: number): Promise<PartEnd>;
  /** Asks it again, as one who does not want to wait, and kills it soon. */
  hurry(): void;
};

/**
 * Starts a part in a session of its own, so that Ctrl-C reaches this process alone and the parts end in order.
 * Where this process is killed, the kernel ends the part.
 */
export function startPart({ command, env, cwd, orphanSignal, lockFd, onLine }: PartOptions): Part {
  const child = spawn('setpriv', ['--pdeathsig', orphanSignal, '--', ...command], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', lockFd],
  });
  let lastLine = '';
  let lastError = '';
  const take = (text: string) => {
    const line = parseLogLine(text);
    lastLine = line.message;
    if (line.level >= ERROR) lastError = line.message;
    onLine(line, text);
  };
  const [, stdout, stderr] = child.stdio;
  eachLine(stdout as Readable, take);
  eachLine(stderr as Readable, take);
  const ended = new Promise<PartEnd>((resolve) => {
    child.on('error', (error) => resolve({ code: -1, signal: null, reason: error.message }));
    const end = () =>
      resolve({ code: child.exitCode, signal: child.signalCode, reason: lastError || lastLine });
    child.on('close', end);
    child.on('exit', () => setTimeout(end, LAST_OUTPUT_MS));
  });
  return {
    pid: child.pid,
    ended,
    hurry() {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), HURRY_MS).unref();
    },
    async stop(graceMs) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const end = await ended;
      clearTimeout(timer);
      return end;
    },
  };
}

/** In words: `ended by itself with code 1: PORT 8080 is taken`. */
export function describeEnd({ code, signal, reason }: PartEnd): string {
  const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
  return reason === '' ? how : `${how}: ${reason}`;
}

function eachLine(stream: Readable, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') take(line);
  });
  stream.on('end', () => {
    if (rest !== '') take(rest);
  });
}
