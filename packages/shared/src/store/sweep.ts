import { limits } from '../contract/index.ts';
import type { Logger } from '../log.ts';
import type { DeliveryQueue, JobQueue } from '../queue/index.ts';
import type { DeliveryStore } from './deliveries.ts';
import type { JobStore } from './store.ts';
import type { WorkerRegistry } from './workers.ts';

const EVERY_MS = 5_000;

export type SweepParts = {
  store: JobStore;
  queue: JobQueue;
  deliveries: { store: DeliveryStore; queue: DeliveryQueue };
  registry: WorkerRegistry;
  log: Logger;
};

/**
 * Every 5 s puts right what a crash between two steps left (law 1). Every process may run it: each step is a
 * compare-and-set or changes nothing the second time. A sweep that fails is tried again with the next, and then the
 * living get a heartbeat's time to be heard: nobody could say anything while Redis was away.
 */
export function startSweep(parts: SweepParts): { stop(): Promise<void> } {
  let current: Promise<void> = Promise.resolve();
  let busy = false;
  let dueAt = performance.now() + EVERY_MS;
  let hearsFrom = performance.now();
  const fellSilent = () => {
    hearsFrom = performance.now() + limits.heartbeatMs;
  };
  const timer = setInterval(() => {
    if (performance.now() - dueAt > EVERY_MS) fellSilent(); // this process stood still
    dueAt = performance.now() + EVERY_MS;
    if (busy) return;
    busy = true;
    current = sweep(parts, { takeLost: performance.now() >= hearsFrom })
      .catch((error: Error) => {
        fellSilent();
        parts.log.warn({ error: error.name }, 'sweep failed');
      })
      .finally(() => {
        busy = false;
      });
  }, EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      await current;
    },
  };
}

/** One sweep, in the order in which one step makes work for the next. */
export async function sweep(
  { store, queue, deliveries, registry, log }: SweepParts,
  { takeLost } = { takeLost: true },
): Promise<void> {
  const lost = takeLost ? await takeFromLostWorkers(store, registry) : 0;
  const added = await addMissing(store, queue);
  const resent = await addMissingAttempts(deliveries.store, deliveries.queue);
  const deleted = await store.deleteExpired();
  if (lost + added + resent > 0) log.warn({ lost, added, resent, deleted }, 'swept');
  else if (deleted > 0) log.debug({ deleted }, 'swept');
}

/** Running jobs whose worker has no heartbeat: their attempt is over. */
async function takeFromLostWorkers(store: JobStore, registry: WorkerRegistry): Promise<number> {
  const running = await store.running();
  if (running.length === 0) return 0;
  const live = new Set((await registry.list()).map((worker) => worker.id));
  const lost = running.filter((holder) => !live.has(holder.worker));
  await Promise.all(lost.map((holder) => store.lose(holder)));
  return lost.length;
}

/** Released jobs that BullMQ lacks. Young ones are left to whoever is adding them just now. */
async function addMissing(store: JobStore, queue: JobQueue): Promise<number> {
  const released = await store.releasedSince(EVERY_MS);
  const missing = new Set(await queue.missing(released.map((job) => job.id)));
  const lacking = released.filter((job) => missing.has(job.id));
  await queue.add(lacking);
  return lacking.length;
}

/** The same for attempts at deliveries. */
async function addMissingAttempts(store: DeliveryStore, queue: DeliveryQueue): Promise<number> {
  const missing = await queue.missing(await store.releasedSince(EVERY_MS));
  await queue.add(missing);
  return missing.length;
}
