import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { lockDataDir, openDataDir } from '../lib/data-dir.ts';
import { findRedis } from '../lib/redis/find.ts';
import { runTool } from '../lib/say.ts';
import { settingsOf } from '../lib/settings.ts';
import { onStopRequests } from '../lib/stop-requests.ts';
import { serve } from './serve.ts';

/** The single container: Redis, unless REDIS_URL names one, the API and a worker, until it is told to stop. */
await runTool(async () => {
  const stops = onStopRequests(process.env);
  const settings = settingsOf(process.env);
  const dataDir = openDataDir(settings.DATA_DIR);
  const lock = await lockDataDir(dataDir, settings);
  process.env.XDG_RUNTIME_DIR = join(dataDir, 'run'); // for the slots' locks: /tmp may be a job's
  mkdirSync(process.env.XDG_RUNTIME_DIR, { recursive: true, mode: 0o700 });
  const redis = settings.REDIS_URL === undefined ? await findRedis(dataDir) : undefined;
  return await serve({ settings, dataDir, lock, redis }, stops);
});
