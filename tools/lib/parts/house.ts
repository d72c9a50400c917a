import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../paths.ts';
import type { Ground } from '../prepare.ts';
import { openRedisPlace } from '../redis/place.ts';
import { redisCommand, untilRedisAnswers } from '../redis/server.ts';
import { type Keeper, keepRunning } from './keep.ts';
import { openLogFile } from './log-file.ts';
import type { LogLine } from './log-line.ts';
import { type PartEnd, type PartOptions, startPart } from './part.ts';

export type PartName = 'redis' | 'api' | 'worker';

export type HouseOptions = Ground & {
  /** What a crash of the API or the worker leads to. Redis is always started again. */
  policy: 'restart' | 'wait';
  /** `text`: the line as it was written. */
  onLine(name: PartName, line: LogLine, text: string): void;
  onCrash(name: PartName, end: PartEnd, pauseMs: number | undefined): void;
  onGiveUp(name: PartName, end: PartEnd): void;
};

/** Redis, API and worker of one `npm start`. */
export type House = {
  /** The Redis of its parts, its own or that of REDIS_URL. */
  redisUrl: string;
  restart(name: 'api' | 'worker'): Promise<void>;
  /** Ends the worker, which drains, then the API, then Redis, which writes what it has. */
  stop(): Promise<void>;
  /** Ends worker and API at once; a `stop` that waits for them then goes on. */
  hurry(): void;
};

/** What a part may take beyond the grace that it gives its own jobs and requests. */
const MARGIN_MS = 5_000;
const REDIS_GRACE_MS = 30_000;

/** Starts the parts, Redis first. Rejects when `signal` aborts before Redis answers; Redis is then gone again. */
export async function openHouse(options: HouseOptions, signal: AbortSignal): Promise<House> {
  const { settings, dataDir, redis } = options;
  mkdirSync(join(dataDir, 'log'), { recursive: true, mode: 0o700 });
  const env = environmentOfParts(options);
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  if (redis) {
    const place = openRedisPlace(dataDir);
    closers.push(place.close);
    env.REDIS_URL = place.url;
    const command = redisCommand(redis, place);
    const keeper = keep(
      options,
      'redis',
      { command, cwd: place.folder, env: { ...env, ...redis.env } },
      closers,
    );
    closers.push(() => keeper.stop(REDIS_GRACE_MS));
    await untilRedisAnswers(place.socket, signal).catch(async (error) => {
      await close();
      throw error;
    });
  }
  const graceMs = settings.SHUTDOWN_GRACE_MS + MARGIN_MS;
  const startApp = (name: 'api' | 'worker') => {
    const main = join(ROOT, 'apps', name, 'src/main.ts');
    const keeper = keep(options, name, { command: [process.execPath, main], cwd: ROOT, env }, closers);
    closers.push(() => keeper.stop(graceMs));
    return keeper;
  };
  const apps = { api: startApp('api'), worker: startApp('worker') };
  return {
    redisUrl: env.REDIS_URL ?? '',
    restart: (name) => apps[name].restart(graceMs),
    stop: close,
    hurry: () => Object.values(apps).forEach((app) => void app.current().hurry()),
  };
}

function keep(
  { dataDir, lock, policy, onLine, onCrash, onGiveUp }: HouseOptions,
  name: PartName,
  part: Pick<PartOptions, 'command' | 'cwd' | 'env'>,
  closers: (() => void)[],
): Keeper {
  const logFile = openLogFile(join(dataDir, 'log', `${name}.log`));
  closers.push(logFile.close);
  // Redis has writes to finish and the worker slots to remove; the API has nothing of its own.
  const orphanSignal = name === 'api' ? 'KILL' : 'TERM';
  const take = (line: LogLine, text: string) => {
    logFile.write(`${text}\n`);
    onLine(name, line, text);
  };
  return keepRunning({
    start: () => startPart({ ...part, orphanSignal, lockFd: lock.fd, onLine: take }),
    policy: name === 'redis' ? 'restart' : policy,
    onCrash: (end, pauseMs) => onCrash(name, end, pauseMs),
    onGiveUp: (end) => onGiveUp(name, end),
  });
}

/** What this process got, less what npm added, with what was decided here. */
function environmentOfParts({ settings, dataDir }: HouseOptions): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const { PORT, SHUTDOWN_GRACE_MS } = settings;
  return {
    ...Object.fromEntries(own),
    DATA_DIR: dataDir,
    PORT: `${PORT}`,
    SHUTDOWN_GRACE_MS: `${SHUTDOWN_GRACE_MS}`,
  };
}
