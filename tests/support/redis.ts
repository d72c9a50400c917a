import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { until } from './until.ts';

/** A real Redis of this test's own, on a unix socket in a folder of its own. */
export type TestRedis = {
  url: string;
  folder: string;
  process: ChildProcess;
  /** Ends it with `signal`, and starts it again on the same files. */
  restart(signal: NodeJS.Signals): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
  launch(): Promise<void>;
  stop(): Promise<void>;
};

export async function startRedis(): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'jobcell-redis-'));
  const socket = join(folder, 'redis.sock');
  const redis: TestRedis = {
    url: `unix://${socket}`,
    folder,
    process: launch(folder, socket),
    async kill(signal) {
      if (redis.process.exitCode !== null || redis.process.signalCode !== null) return;
      const ended = once(redis.process, 'exit');
      redis.process.kill(signal);
      await ended;
    },
    async launch() {
      redis.process = launch(folder, socket);
      await answers(socket);
    },
    async restart(signal) {
      await redis.kill(signal);
      await redis.launch();
    },
    async stop() {
      await redis.kill('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
  await answers(socket);
  return redis;
}

function launch(folder: string, socket: string): ChildProcess {
  const options = [
    '--port',
    '0',
    '--unixsocket',
    socket,
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'yes',
  ];
  return spawn('redis-server', options, { stdio: 'ignore' });
}

async function answers(socket: string): Promise<void> {
  const client = new Redis({
    path: socket,
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined);
  await until('Redis answers', async () => {
    if (client.status !== 'ready') await client.connect();
    return (await client.ping()) === 'PONG';
  });
  client.disconnect();
}
