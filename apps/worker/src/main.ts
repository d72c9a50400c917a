import { join } from 'node:path';
import { readSettings, SettingError, type Settings } from '@jobcell/shared/config';
import { createLogger } from '@jobcell/shared/log';
import { type RunningWorker, startWorker } from './worker.ts';

const NSJAIL_DIR = join(import.meta.dirname, '../../../nsjail');

const settings = settingsOrExit();
const log = createLogger(settings.LOG_LEVEL, 'worker');
const hasten = new AbortController();

let worker: RunningWorker | undefined;
startWorker({ settings, nsjailDir: NSJAIL_DIR, log, onImpossible: (reason) => refuse(reason) }).then(
  (started) => {
    worker = started;
  },
  fail,
);

let ending = false;
async function end(code: number): Promise<void> {
  if (ending) return hasten.abort(); // asked a second time
  ending = true;
  await worker?.stop(hasten.signal); // before it is there, nothing is
  process.exit(code);
}

function refuse(reason: string): void {
  log.fatal(reason);
  hasten.abort();
  void end(2);
}

function fail(error: Error): never {
  log.fatal({ error: error.stack }, 'worker failed');
  process.exit(1);
}

/** Parses the environment; a bad setting is one message and exit code 2. */
function settingsOrExit(): Settings & { REDIS_URL: string } {
  try {
    const read = readSettings(process.env);
    if (read.REDIS_URL === undefined)
      throw new SettingError('REDIS_URL must be set for a worker that is started by itself');
    return { ...read, REDIS_URL: read.REDIS_URL };
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

process.on('SIGTERM', () => void end(0));
process.on('SIGINT', () => void end(0));
process.on('uncaughtException', fail);
process.on('unhandledRejection', (error) => fail(error as Error));
