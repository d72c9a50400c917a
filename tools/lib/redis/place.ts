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
  const url = `unix://${socket.split('/').map(encodeURIComponent).join('/')}`;
  return { folder, socket, url, close: () => removeNoted(note) };
}

/** Also what a start that was killed left behind. */
function removeNoted(note: string): void {
  try {
    rmSync(readFileSync(note, 'utf8'), { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  rmSync(note, { force: true });
}
