import type { Settings } from '@jobcell/shared/config';
import { KeyStore } from '@jobcell/shared/keys';
import type { Logger } from '@jobcell/shared/log';
import { addReleased, DeliveryQueue, JobQueue } from '@jobcell/shared/queue';
import {
  connectRedis,
  DeliveryStore,
  JobStore,
  startSweep,
  startTicks,
  WorkerRegistry,
} from '@jobcell/shared/store';
import { KeyRing } from './auth/key-ring.ts';
import { RateLimit } from './auth/rate-limit.ts';
import { Feeds } from './events/feeds.ts';
import { isStoreDown } from './http/store-down.ts';
import { Gate } from './jobs/gate.ts';
import { LiveWorkers } from './jobs/live-workers.ts';
import { Records } from './jobs/records.ts';
import { Waiter } from './jobs/waiter.ts';

export type ApiSettings = Settings & { REDIS_URL: string };

/** What the routes work with. */
export type Parts = {
  settings: ApiSettings;
  log: Logger;
  keys: KeyRing;
  /** Requests a second of each tenant. */
  rateLimit: RateLimit;
  store: JobStore;
  deliveries: DeliveryStore;
  records: Records;
  /** Through which large bodies pass: bytes of those that are parsed and written at once. */
  bodies: Gate;
  queue: JobQueue;
  workers: LiveWorkers;
  waiter: Waiter;
  feeds: Feeds;
};

/** `onWrongSchema` hears why the records in this Redis cannot be read, each time that it is connected to. */
type Opening = { settings: ApiSettings; log: Logger; onWrongSchema: (reason: string) => void };

/** Bytes. The largest bodies pass one by one, so that their parsing does not add up to a long stall. */
const BODIES_AT_ONCE = 4 * 1024 * 1024;
/** How long closing may take on a connection that no longer answers. */
const CLOSE_MS = 1_000;

/**
 * Opens the connections and what stands on them; Redis need not be there yet. The sweep of law 1 runs here too, so
 * that accepted jobs get queued while no worker is there. `close` ends everything that was opened.
 */
export function openParts({ settings, log, onWrongSchema }: Opening): Parts & { close(): Promise<void> } {
  const prefix = settings.REDIS_PREFIX;
  const redis = connectRedis(settings.REDIS_URL, 'request', log);
  const subscriber = connectRedis(settings.REDIS_URL, 'blocking', log);
  const queue = new JobQueue(redis, prefix);
  const deliveryQueue = new DeliveryQueue(redis, prefix);
  const onReleased = addReleased({ jobs: queue, deliveries: deliveryQueue }, log);
  const store = new JobStore(redis, prefix, {
    limits: { maxQueued: settings.MAX_QUEUED, maxStoreMb: settings.MAX_STORE_MB },
    onReleased,
  });
  const deliveries = new DeliveryStore(redis, prefix, onReleased);
  redis.on('ready', () => {
    store.checkSchema().catch((error: Error) => isStoreDown(error) || onWrongSchema(error.message));
  });
  const registry = new WorkerRegistry(redis, prefix);
  const records = new Records(store);
  const waiter = new Waiter({ subscriber, store, records });
  const feeds = new Feeds({ subscriber, store, records });
  const sweep = startSweep({
    ...{ store, queue, registry, log },
    deliveries: { store: deliveries, queue: deliveryQueue },
  });
  const ticks = startTicks(store, log);

  const close = async () => {
    waiter.close();
    feeds.close();
    await withinCloseTime(sweep.stop());
    await withinCloseTime(ticks.stop());
    await withinCloseTime(queue.close());
    await withinCloseTime(deliveryQueue.close());
    subscriber.disconnect();
    redis.disconnect();
  };
  return {
    settings,
    log,
    keys: new KeyRing(new KeyStore(redis, prefix), settings, log),
    rateLimit: new RateLimit(redis, prefix),
    store,
    deliveries,
    records,
    bodies: new Gate(BODIES_AT_ONCE),
    queue,
    waiter,
    feeds,
    workers: new LiveWorkers(registry),
    close,
  };
}

async function withinCloseTime(closing: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, CLOSE_MS);
  await Promise.race([closing.catch(() => undefined), late]);
  clearTimeout(timer);
}
