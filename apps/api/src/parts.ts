import type { Settings } from '@jobcell/shared/config';
import type { Logger } from '@jobcell/shared/log';
import { JobQueue } from '@jobcell/shared/queue';
import { connectRedis, JobStore, startSweep, WorkerRegistry } from '@jobcell/shared/store';
import { LiveWorkers } from './jobs/live-workers.ts';
import { Waiter } from './jobs/waiter.ts';

export type ApiSettings = Settings & { REDIS_URL: string };

/** What the routes work with. */
export type Parts = {
  settings: ApiSettings;
  log: Logger;
  store: JobStore;
  queue: JobQueue;
  workers: LiveWorkers;
  waiter: Waiter;
};

/** How long closing may take on a connection that no longer answers. */
const CLOSE_MS = 1_000;

/**
 * Opens the connections and what stands on them; Redis need not be there yet. The sweep of law 1 runs here too, so
 * that accepted jobs get queued while no worker is there. `close` ends everything that was opened.
 */
export function openParts(settings: ApiSettings, log: Logger): Parts & { close(): Promise<void> } {
  const prefix = settings.REDIS_PREFIX;
  const redis = connectRedis(settings.REDIS_URL, 'request', log);
  const subscriber = connectRedis(settings.REDIS_URL, 'blocking', log);
  const store = new JobStore(redis, prefix, {
    maxQueued: settings.MAX_QUEUED,
    maxStoreMb: settings.MAX_STORE_MB,
  });
  const queue = new JobQueue(redis, prefix);
  const registry = new WorkerRegistry(redis, prefix);
  const waiter = new Waiter({ subscriber, store });
  const sweep = startSweep({ store, queue, registry, log });

  const close = async () => {
    waiter.close();
    await withinCloseTime(sweep.stop());
    await withinCloseTime(queue.close());
    subscriber.disconnect();
    redis.disconnect();
  };
  return {
    settings,
    log,
    store,
    queue,
    waiter,
    workers: new LiveWorkers(new WorkerRegistry(redis, prefix)),
    close,
  };
}

async function withinCloseTime(closing: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, CLOSE_MS);
  await Promise.race([closing.catch(() => undefined), late]);
  clearTimeout(timer);
}
