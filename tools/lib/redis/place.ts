import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the embedded Redis keeps its files, and the one way to reach it: a socket that only this user may open. */
export type RedisPlace = { folder: string; socket: string; url: string; close(): void };

/** The kernel takes a socket's path up to 107 bytes. */
const LONGEST_SOCKET_PATH = 107;

/** Makes the folder. Where its path is too long for a socket, that one lies in a temporary folder until `close`. */
export function openRedisPlace(dataDir: string): RedisPlace {
  const folder = join(dataDir, 'redis');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const note = join(folder, 'socket-folder');
  removeNoted(note);
  let socket = join(folder, 'redis.sock');
  if (Buffer.byteLength(socket) > LONGEST_SOCKET_PATH) {
    const elsewhere = mkdtempSync(join(tmpdir(), 'jobcell-'));
    writeFileSync(note, elsewhere);
    socket = join(elsewhere, 'redis.sock');
  }
  return { folder, socket, url: urlOf(socket), close: () => removeNoted(note) };
}

/** Where the Redis of a start that runs now is. */
export function runningRedisPlace(dataDir: string): Pick<RedisPlace, 'socket' | 'url'> {
  const folder = join(dataDir, 'redis');
  const socket = join(readNote(join(folder, 'socket-folder')) ?? folder, 'redis.sock');
  return { socket, url: urlOf(socket) };
}

const urlOf = (socket: string): string => `unix://${socket.split('/').map(encodeURIComponent).join('/')}`;

/** Also what a start that was killed left behind. */
function removeNoted(note: string): void {
  const elsewhere = readNote(note);
  if (elsewhere !== undefined) rmSync(elsewhere, { recursive: true, force: true });
  rmSync(note, { force: true });
}

function readNote(note: string): string | undefined {
  try {
    return readFileSync(note, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}
