import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../../../../tests/support/until.ts';

/** `main.ts` as a process of its own: what it printed so far, and how it ended. */
export type ApiProcess = {
  child: ChildProcess;
  /** The log, one object a line. */
  lines(): Record<string, unknown>[];
  output(): string;
  exit: Promise<number | null>;
};

export function spawnApi(environment: Record<string, string>): ApiProcess {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const child = spawn(process.execPath, [main], { env: { PATH: process.env.PATH, ...environment } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  return {
    child,
    lines: () =>
      stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    output: () => stdout + stderr,
    exit: once(child, 'close').then(([code]) => code),
  };
}

/** The port on which the process listens, as its log says. */
export async function portOf(api: ApiProcess): Promise<number> {
  const line = await until('it listens', () => api.lines().find(({ msg }) => msg === 'listening'));
  return Number(new URL(String(line.address)).port);
}
