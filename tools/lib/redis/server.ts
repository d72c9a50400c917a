import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisProgram } from './find.ts';
import type { RedisPlace } from './place.ts';

const PING_TIMEOUT_MS = 1_000;

/**
 * The command line of the embedded Redis: nothing listens on the host, every write is in the append-only file
 * (on disk within a second), and a full memory refuses writes instead of forgetting jobs.
 */
export function redisCommand({ path }: RedisProgram, { folder, socket }: RedisPlace): [string, ...string[]] {
  const settings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: folder,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  return [path, ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])];
}

/** Resolves once the server has read its files and answers; until then it is asked again, until `signal` aborts. */
export async function untilRedisAnswers(socket: string, signal: AbortSignal): Promise<void> {
  while (!(await redisAnswers(socket))) {
    signal.throwIfAborted();
    await sleep(20);
  }
}

/** Whether a server that has read its files listens there. */
export function redisAnswers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket, () => connection.write('PING\r\n'));
    const end = (answered: boolean) => {
      connection.destroy();
      resolve(answered);
    };
    connection.setTimeout(PING_TIMEOUT_MS, () => end(false));
    connection.on('error', () => end(false));
    connection.once('data', (answer) => end(answer.toString().startsWith('+PONG')));
  });
}
