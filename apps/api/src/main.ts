import type { AddressInfo } from 'node:net';
import { readSettings, SettingError } from '@jobcell/shared/config';
import { createLogger } from '@jobcell/shared/log';
import { createApp } from './app.ts';
import { checkSettings } from './check-settings.ts';
import { errorFrames, errorName } from './http/error-name.ts';
import { type ApiSettings, openParts } from './parts.ts';
import { closeServer } from './server/close.ts';
import { createServer } from './server/server.ts';

const settings = settingsOrExit();
const log = createLogger(settings.LOG_LEVEL, 'api');
process.on('uncaughtException', (error) => die(error, 'fault, the process ends'));

const parts = openParts({ settings, log, onWrongSchema: (reason) => refuse(reason) });
const api = createServer(createApp(parts), log);
api.server.on('error', (error) => die(error, 'the API cannot listen'));
api.server.listen(settings.PORT, settings.HOST, () => {
  log.info({ address: addressOf(api.server.address() as AddressInfo) }, 'listening');
});

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));

async function stop(signal: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, 'stopping');
  await closeServer(api, parts.waiter, settings.SHUTDOWN_GRACE_MS);
  await parts.close();
  log.info('stopped');
  process.exit(0);
}

function settingsOrExit(): ApiSettings {
  try {
    return checkSettings(readSettings(process.env));
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    process.stderr.write(`jobcell: ${error.message}\n`);
    process.exit(2);
  }
}

function refuse(reason: string): void {
  log.fatal(reason);
  process.exit(2);
}

/** The message of an error may hold a caller's data, so only its class and place are logged. */
function die(error: unknown, what: string): void {
  log.fatal({ error: errorName(error), frames: errorFrames(error) }, what);
  process.exit(1);
}

function addressOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
