import type { AddressInfo } from 'node:net';
import { readSettings, SettingError } from '@jobcell/shared/config';
import { createLogger } from '@jobcell/shared/log';
import { createApp } from './app.ts';
import { allowHost } from './auth/open-host.ts';
import { checkSettings } from './check-settings.ts';
import { errorFrames, errorName } from './http/error-name.ts';
import { openParts } from './parts.ts';
import { closeServer } from './server/close.ts';
import { createServer } from './server/server.ts';

const settings = orExit(() => checkSettings(readSettings(process.env)));
const log = createLogger(settings.LOG_LEVEL, 'api');
process.on('uncaughtException', (error) => die(error, 'fault, the process ends'));

const parts = openParts({ settings, log, onWrongSchema: (reason) => refuse(reason) });
const api = createServer(createApp(parts), parts);
api.server.on('error', (error) => die(error, 'the API cannot listen'));

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));

await allowHost(settings, parts.keys, log).catch(exitFor);
api.server.listen(settings.PORT, settings.HOST, () => {
  log.info({ address: addressOf(api.server.address() as AddressInfo) }, 'listening');
});

async function stop(signal: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, 'stopping');
  await closeServer(api, parts, settings.SHUTDOWN_GRACE_MS);
  await parts.close();
  log.info('stopped');
  process.exit(0);
}

function orExit<T>(use: () => T): T {
  try {
    return use();
  } catch (error) {
    return exitFor(error);
  }
}

function exitFor(error: unknown): never {
  if (!(error instanceof SettingError)) throw error;
  process.stderr.write(`jobcell: ${error.message}\n`);
  process.exit(2);
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
