import { type ChildProcess, spawn } from 'node:child_process';

export type RunOptions = {
  env?: NodeJS.ProcessEnv | undefined;
  cwd?: string | undefined;
  timeoutMs?: number | undefined;
};

/** How a command ended; `code` is `null` after a signal and -1 where it could not be started. */
export type Ran = { code: number | null; stdout: string; stderr: string };

const running = new Set<ChildProcess>();
let stopped = false;

/** Ends every command that runs now, with all that it started, and lets no other begin. */
export function endRunning(): void {
  stopped = true;
  for (const { pid } of running) if (pid) process.kill(-pid, 'SIGKILL');
}

/** Runs `command` to its end, with nothing on stdin and its output kept. Never rejects. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    if (stopped) return resolve({ code: null, stdout: '', stderr: 'stopped' });
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: options.env ?? process.env,
      cwd: options.cwd,
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    });
    running.add(child);
    const ran: Ran = { code: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ran.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      ran.stderr += text;
    });
    child.on('error', (error) => resolve({ ...ran, code: -1, stderr: error.message }));
    child.on('exit', () => running.delete(child));
    child.on('close', (code) => resolve({ ...ran, code }));
  });
}

/** Runs `command` and tells whether it ended with 0. */
export async function succeeds(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<boolean> {
  return (await run(command, args, options)).code === 0;
}

/** The last line of what a failed command said that is not empty: mostly its reason. */
export function lastLine({ stderr, stdout }: Ran): string {
  const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '') ?? 'it said nothing';
}
