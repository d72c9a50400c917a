import { existsSync, globSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasApt, unpackDebianPackages } from '../debian.ts';
import { run } from '../run.ts';
import { Refusal, say } from '../say.ts';

/** A Redis or Valkey server that runs here, with what its environment needs beside this process's. */
export type RedisProgram = {
  path: string;
  name: 'Redis' | 'Valkey';
  version: string;
  env: Record<string, string>;
};

/** The oldest that BullMQ takes without a warning, and that the store's scripts were written for. */
const OLDEST = [6, 2] as const;
const NAMES = ['redis-server', 'valkey-server'];

/** Finds a server on PATH, or unpacks Debian's into `<dataDir>/redis-server`; refuses where there is none. */
export async function findRedis(dataDir: string): Promise<RedisProgram> {
  for (const name of NAMES) {
    const found = await inspect(name, {});
    if (found) return found;
  }
  const folder = join(dataDir, 'redis-server');
  return (await unpackedIn(folder)) ?? (await unpack(folder));
}

async function unpack(folder: string): Promise<RedisProgram> {
  const missing = `needs redis-server or valkey-server ${OLDEST.join('.')} or newer on PATH, or REDIS_URL`;
  const advice = 'Debian: apt-get install redis-server; or use docker compose up';
  if (!hasApt()) throw new Refusal(`${missing} (${advice})`);
  say("no redis-server on PATH: unpacking Debian's into DATA_DIR");
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  try {
    await unpackDebianPackages(['redis-server', 'redis-tools'], fresh, `${folder}.scratch`);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Refusal(`${missing} (${advice}); ${(error as Error).message}`);
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  const found = await unpackedIn(folder);
  if (!found) throw new Refusal(`${missing} (${advice}); Debian's does not run here`);
  return found;
}

async function unpackedIn(folder: string): Promise<RedisProgram | undefined> {
  if (!existsSync(folder)) return undefined;
  const libraries = globSync(['usr/lib/*-linux-gnu', 'lib/*-linux-gnu'], { cwd: folder });
  const path = libraries.map((name) => join(folder, name)).join(':');
  return await inspect(join(folder, 'usr/bin/redis-server'), { LD_LIBRARY_PATH: path });
}

/** What `command` is, or `undefined` where it does not run or is too old. */
async function inspect(command: string, env: Record<string, string>): Promise<RedisProgram | undefined> {
  const ran = await run(command, ['--version'], { env: { ...process.env, ...env } });
  const [, name, major, minor, patch] =
    /^(Redis|Valkey) server v=(\d+)\.(\d+)\.(\d+)/m.exec(ran.stdout) ?? [];
  if (ran.code !== 0 || !isNewEnough(Number(major), Number(minor))) return undefined;
  return { path: command, name: name as 'Redis' | 'Valkey', version: `${major}.${minor}.${patch}`, env };
}

function isNewEnough(major: number, minor: number): boolean {
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
