import { runKeysCommand } from '@jobcell/shared/keys/command';
import { openDataDir } from '../lib/data-dir.ts';
import { withEmbeddedRedis } from '../lib/redis/embedded.ts';
import { runTool } from '../lib/say.ts';
import { settingsOf } from '../lib/settings.ts';

/** `npm run keys`: makes, lists and revokes API keys, in the Redis of REDIS_URL or in that of `npm start`. */
await runTool(async () => {
  const { REDIS_URL, REDIS_PREFIX, DATA_DIR } = settingsOf(process.env);
  return await runKeysCommand(process.argv.slice(2), {
    prefix: REDIS_PREFIX,
    withUrl: (use) =>
      REDIS_URL === undefined ? withEmbeddedRedis(openDataDir(DATA_DIR), use) : use(REDIS_URL),
  });
});
