import { randomUUID } from 'node:crypto';
import type { Settings } from '@jobcell/shared/config';
import type { Logger } from '@jobcell/shared/log';
import { startSweep, startTicks } from '@jobcell/shared/store';
import { startJobs } from './jobs.ts';
import { connectStore } from './store.ts';
import { startSender } from './webhooks/sender.ts';

export type WorkerOptions = {
  settings: Settings & { REDIS_URL: string };
  /** The folder `nsjail/` of this repository. */
  nsjailDir: string;
  log: Logger;
  /** Told when this machine cannot give what the operator asked for. */
  onImpossible: (reason: string) => void;
};

/** One of `WORKER_PARTS`. */
export interface RunningPart {
  /** Ends cleanly: what goes on may end within `graceMs`, unless `hasten` aborts. Nothing is left behind. */
  stop(graceMs: number, hasten: AbortSignal): Promise<void>;
}

export interface RunningWorker {
  readonly id: string;
  /** Ends cleanly: running jobs may end within the grace, unless `hasten` aborts. Nothing is left behind. */
  stop(hasten: AbortSignal): Promise<void>;
}

/** Connects everything and starts it. Rejects when Redis does not answer. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { settings, log } = options;
  const { WORKER_PARTS: names, SHUTDOWN_GRACE_MS: graceMs } = settings;
  const id = `w-${randomUUID()}`;
  const store = await connectStore(settings, log);
  const sweep = startSweep({ ...store, log });
  const ticks = startTicks(store.store, log);
  log.info({ worker: id, parts: names }, 'worker started');
  const parts: RunningPart[] = [];
  if (names.includes('webhooks'))
    parts.push(startSender({ settings, redis: store.redis.blocking, ...store.deliveries, log }));
  if (names.includes('jobs')) parts.push(await startJobs(id, store, options));

  return {
    id,
    async stop(hasten) {
      log.info({ worker: id }, 'worker is ending');
      await Promise.all(parts.map((part) => part.stop(graceMs, hasten)));
      await sweep.stop();
      await ticks.stop();
      for (const connection of Object.values(store.redis)) connection.disconnect();
      for (const queue of [store.queue, store.deliveries.queue]) await queue.close().catch(() => undefined);
      log.info({ worker: id }, 'worker ended');
    },
  };
}
