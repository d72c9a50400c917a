import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Start } from './drivers.ts';
import { Client } from './http.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { until } from './until.ts';

const repository = new URL('../../', import.meta.url).pathname;
const run = promisify(execFile);

export type StackOptions = {
  driver: 'process' | 'docker';
  /** How jails are started; as by default, where it is left out. */
  start?: Start;
  slots?: number;
  workers?: number;
  /** Settings for the API and the workers. */
  settings?: Record<string, string>;
  /** A Redis that outlives this stack. */
  redis?: TestRedis;
  /** Lines ahead of the worker's command, such as `setpriv …`. */
  workerPrefix?: string[];
  /** Options of Node for the API and the workers. */
  nodeOptions?: string;
};

/** The real parts as processes of this test: Redis, API, workers. */
export type Stack = {
  client: Client;
  redis: TestRedis;
  api: Part;
  workers: Part[];
  startWorker(): Promise<Part>;
  /** Each slot with its start time: two equal lists mean that the same slots lived on. */
  slotIdentities(): Promise<string[]>;
  /** All that the parts have logged. */
  logs(): string;
  stop(): Promise<void>;
};

/** A process of the stack, with its log so far. */
export type Part = { process: ChildProcess; log(): string; end(signal?: NodeJS.Signals): Promise<void> };

export async function startStack(options: StackOptions): Promise<Stack> {
  const redis = options.redis ?? (await startRedis());
  const settings = {
    REDIS_URL: redis.url,
    PORT: '0',
    SANDBOX_DRIVER: options.driver,
    SANDBOX_SLOTS: `${options.slots ?? 2}`,
    TENANT_REQUESTS_PER_SECOND: '100000', // tests ask faster than callers do
    ...(options.start === undefined ? {} : { SANDBOX_START: options.start }),
    ...(options.nodeOptions === undefined ? {} : { NODE_OPTIONS: options.nodeOptions }),
    ...options.settings,
  };
  const api = startPart(['apps/api/src/main.ts'], settings);
  const parts = [api];
  const stack: Stack = {
    client: new Client(await addressOf(api)),
    redis,
    api,
    workers: [],
    async startWorker() {
      const worker = startPart(['apps/worker/src/main.ts'], settings, options.workerPrefix);
      parts.push(worker);
      stack.workers.push(worker);
      return worker;
    },
    slotIdentities: () =>
      options.driver === 'docker'
        ? containers(stack.workers)
        : launchers(stack.workers.map((worker) => `${worker.process.pid}`)),
    logs: () => parts.map((part) => part.log()).join(''),
    async stop() {
      await Promise.all(stack.workers.map((worker) => worker.end()));
      await api.end();
      if (options.redis === undefined) await redis.stop();
    },
  };
  for (let count = 0; count < (options.workers ?? 1); count += 1) await stack.startWorker();
  if (stack.workers.length > 0) await untilReady(stack);
  return stack;
}

/** Waits until `/ready` says so; a worker that ends instead, or never gets there, is told with its log. */
export async function untilReady(stack: Stack): Promise<void> {
  try {
    await until('the stack is ready', async () => (await stack.client.get('/ready')).status === 200, 60_000);
  } catch (error) {
    await stack.stop();
    throw new Error(`not ready: ${stack.logs()}`, { cause: error });
  }
}

function startPart(args: string[], settings: Record<string, string>, prefix: string[] = []): Part {
  const [command = '', ...rest] = [...prefix, process.execPath, ...args];
  const child = spawn(command, rest, {
    cwd: repository,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  return {
    process: child,
    log: () => log,
    async end(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill(signal);
      await ended;
    },
  };
}

/** Where the API listens, by its log; rejects when it ends instead. */
async function addressOf(api: Part): Promise<string> {
  const address = await until('the API listens or ends', () => {
    if (api.process.exitCode !== null) return 'ended';
    return /http:\/\/127\.0\.0\.1:\d+/.exec(api.log())?.[0];
  });
  if (address === 'ended') throw new Error(`the API ended: ${api.log()}`);
  return address;
}

async function containers(workers: Part[]): Promise<string[]> {
  const docker = process.env.DOCKER_CLI ?? 'docker';
  const found = await Promise.all(
    workers.map(async (worker) => {
      const { stdout } = await run(docker, [
        'ps',
        '-q',
        '--no-trunc',
        '--filter',
        `label=jobcell.worker=${workerId(worker)}`,
      ]);
      return stdout.split('\n').filter((id) => id !== '');
    }),
  );
  if (found.flat().length === 0) return [];
  const inspected = await run(docker, [
    'inspect',
    '--format',
    '{{.Id}} {{.State.StartedAt}}',
    ...found.flat(),
  ]);
  return inspected.stdout.trim().split('\n').sort();
}

/** A worker's id, as it logs it at its start. */
export const workerId = (worker: Part): string => /"worker":"([^"]+)"/.exec(worker.log())?.[1] ?? '';

/**
 * The slots of the process driver whose workers have these pids, each with its start time. Field 22 of /proc/PID/stat
 * is the start in clock ticks since the boot, field 4 the parent.
 */
export async function launchers(workers: string[]): Promise<string[]> {
  const parents = new Set(workers);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const stat = statOf(pid);
      return stat !== undefined && parents.has(stat[1] ?? '') ? [`${pid} ${stat[19]}`] : [];
    })
    .sort();
}

/** The fields of /proc/PID/stat after the name, or nothing when the process has ended. */
function statOf(pid: string): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
  } catch {
    return undefined;
  }
}
