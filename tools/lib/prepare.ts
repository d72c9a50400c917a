import { type AddressInfo, createServer } from 'node:net';
import type { Settings } from '@jobcell/shared/config';
import { setUpSandboxPython } from '../sandbox-python/setup.ts';
import { lockDataDir, openDataDir } from './data-dir.ts';
import { refuseUnfitHost } from './host.ts';
import type { Lock } from './lock.ts';
import { findRedis, type RedisProgram } from './redis/find.ts';
import { Refusal } from './say.ts';
import { settingsOf } from './settings.ts';

/** What a start stands on: all of it is there, and nobody else uses it. */
export type Ground = {
  /** `PORT` 0 is a number by now, the same for every start of the API. */
  settings: Settings;
  dataDir: string;
  lock: Lock;
  /** The server to start; `undefined` where REDIS_URL names one. */
  redis: RedisProgram | undefined;
};

/** Parses the settings, refuses what cannot work, and brings what is missing, with a line for each step that takes time. */
export async function prepare(environment: NodeJS.ProcessEnv): Promise<Ground> {
  const settings = settingsOf(environment);
  const inJails = settings.SANDBOX_DRIVER === 'process';
  if (inJails) await refuseUnfitHost();
  const dataDir = openDataDir(settings.DATA_DIR);
  const lock = await lockDataDir(dataDir, settings);
  const port = await findPort(settings);
  const redis = settings.REDIS_URL === undefined ? await findRedis(dataDir) : undefined;
  if (inJails) await setUpSandboxPython(dataDir);
  return { settings: { ...settings, PORT: port }, dataDir, lock, redis };
}

/** The port to listen on; refuses one that cannot be had before time is spent on anything else. */
async function findPort({ HOST, PORT }: Settings): Promise<number> {
  const server = createServer();
  const { promise: failure, resolve } = Promise.withResolvers<string | undefined>();
  server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  server.listen(PORT, HOST, () => resolve(undefined));
  const code = await failure;
  if (code === undefined) {
    const { port } = server.address() as AddressInfo;
    await new Promise((closed) => server.close(closed));
    return port;
  }
  if (code !== 'EADDRINUSE') throw new Refusal(`cannot listen on HOST ${HOST}, PORT ${PORT}: ${code}`);
  const next = PORT < 65_535 ? PORT + 1 : 8080;
  throw new Refusal(
    `PORT ${PORT} is taken: end what listens there, or choose another (PORT=${next} npm start)`,
  );
}
