import type { Settings } from '@jobcell/shared/config';
import type { Logger } from '@jobcell/shared/log';
import { addReleased, DeliveryQueue, JobQueue } from '@jobcell/shared/queue';
import { connectRedis, DeliveryStore, JobStore, untilReady, WorkerRegistry } from '@jobcell/shared/store';

/** What a worker's parts have of Redis. */
export type StoreParts = Awaited<ReturnType<typeof connectStore>>;

const REDIS_START_MS = 30_000;

/** Rejects when Redis does not answer, or holds records of another schema. */
export async function connectStore(settings: Settings & { REDIS_URL: string }, log: Logger) {
  const { REDIS_URL: url, REDIS_PREFIX: prefix } = settings;
  const redis = {
    request: connectRedis(url, 'request', log),
    blocking: connectRedis(url, 'blocking', log),
    subscriber: connectRedis(url, 'blocking', log),
  };
  await Promise.all(Object.values(redis).map((connection) => untilReady(connection, REDIS_START_MS)));
  const limits = { maxQueued: settings.MAX_QUEUED, maxStoreMb: settings.MAX_STORE_MB };
  const queue = new JobQueue(redis.request, prefix);
  const deliveryQueue = new DeliveryQueue(redis.request, prefix);
  const onReleased = addReleased({ jobs: queue, deliveries: deliveryQueue }, log);
  const store = new JobStore(redis.request, prefix, { limits, onReleased });
  await store.checkSchema();
  const deliveries = {
    store: new DeliveryStore(redis.request, prefix, onReleased),
    queue: deliveryQueue,
  };
  return { redis, store, queue, deliveries, registry: new WorkerRegistry(redis.request, prefix) };
}
