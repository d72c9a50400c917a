import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import Docker from 'dockerode';
import { until } from '../../../../tests/support/until.ts';
import { dataDir, image, repository } from './machine.ts';
import type { TestStore } from './store.ts';

/** A worker as an operator starts it. */
export type WorkerProcess = {
  process: ChildProcess;
  log(): string;
  /** Sends `signal`, if any, and waits for the end; returns the exit code, or the signal that ended it. */
  end(signal?: NodeJS.Signals): Promise<number | string>;
};

/** Starts a worker for the jobs of `caller`, with `settings` on top. */
export function startWorkerOf(caller: TestStore, settings: Record<string, string> = {}): WorkerProcess {
  return spawnWorker({
    ...{ REDIS_URL: caller.url, REDIS_PREFIX: caller.prefix },
    ...{ SANDBOX_SLOTS: '2', SHUTDOWN_GRACE_MS: '20000' },
    ...settings,
  });
}

/** Waits until a worker of `caller` takes jobs; returns its id. */
export async function untilProven(caller: TestStore, worker: WorkerProcess): Promise<string> {
  const proven = async () => (await caller.registry.list()).find(({ facts }) => facts !== null)?.id;
  try {
    return await until('a worker takes jobs', proven, 25_000);
  } catch (error) {
    throw new Error(worker.log(), { cause: error });
  }
}

/** What there is of a worker: its containers in any state, and those of `pids` that live. */
export async function remainsOf(id: string, driver: string, pids: number[]): Promise<string[]> {
  const processes = pids.filter((pid) => existsSync(`/proc/${pid}`)).map((pid) => `process ${pid}`);
  if (driver === 'process') return processes;
  const filters = { label: [`jobcell.worker=${id}`] };
  const containers = await new Docker().listContainers({ all: true, filters });
  return [...processes, ...containers.map((container) => `container ${container.Id}`)];
}

function spawnWorker(settings: Record<string, string>): WorkerProcess {
  const child = spawn(process.execPath, ['apps/worker/src/main.ts'], {
    cwd: repository,
    env: { ...process.env, DATA_DIR: dataDir, SANDBOX_IMAGE: image, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const exit = once(child, 'exit');
  return {
    process: child,
    log: () => log,
    async end(signal) {
      if (signal !== undefined) child.kill(signal);
      const [code, by] = await exit;
      return code ?? by;
    },
  };
}

/** Every process below `pid`, in any depth. */
export function descendantsOf(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(name);
    parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
  }
  const below = (of: number): number[] =>
    (parents.get(of) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

/** Field 4 of /proc/PID/stat, counted from behind the name, which may hold anything. */
function parentOf(pid: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return 0; // it has just ended
  }
}
