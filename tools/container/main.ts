import { lockDataDir, openHiddenDataDir } from '../lib/data-dir.ts';
import { findRedis } from '../lib/redis/find.ts';
import { runTool } from '../lib/say.ts';
import { settingsOf } from '../lib/settings.ts';
import { onStopRequests } from '../lib/stop-requests.ts';
import { serve } from './serve.ts';

/** The single container: Redis, unless REDIS_URL names one, the API and a worker, until it is told to stop. */
await runTool(async () => {
  const stops = onStopRequests(process.env);
  const settings = settingsOf(process.env);
  const dataDir = openHiddenDataDir(settings.DATA_DIR);
  const lock = await lockDataDir(dataDir, settings);
  const redis = settings.REDIS_URL === undefined ? await findRedis(dataDir) : undefined;
  return await serve({ settings, dataDir, lock, redis }, stops);
});
