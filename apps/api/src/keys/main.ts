import { readSettings, SettingError } from '@jobcell/shared/config';
import { runKeysCommand } from '@jobcell/shared/keys/command';

/** `npm run keys` where only the API's image is: `docker compose exec api node apps/api/src/keys/main.ts …`. */
try {
  const { REDIS_URL, REDIS_PREFIX } = readSettings(process.env);
  if (REDIS_URL === undefined) throw new SettingError('REDIS_URL must be set; it is not');
  process.exitCode = await runKeysCommand(process.argv.slice(2), {
    prefix: REDIS_PREFIX,
    withUrl: (use) => use(REDIS_URL),
  });
} catch (error) {
  if (!(error instanceof SettingError)) throw error;
  process.stderr.write(`jobcell: ${error.message}\n`);
  process.exitCode = 2;
}
