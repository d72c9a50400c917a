import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Settings } from '@jobcell/shared/config';
import type { Logger } from '@jobcell/shared/log';
import { addReleased, JobQueue } from '@jobcell/shared/queue';
import {
  connectRedis,
  JobStore,
  startSweep,
  startTicks,
  untilReady,
  WorkerRegistry,
} from '@jobcell/shared/store';
import { Cancellations } from './consumer/cancellations.ts';
import { Consumer } from './consumer/consumer.ts';
import { startWatchdog } from './consumer/watchdog.ts';
import { createDriver } from './drivers.ts';
import { startHeartbeat } from './heartbeat.ts';
import { installationName } from './installation.ts';
import { acceptance } from './proof/acceptance.ts';
import { Gate } from './proof/gate.ts';
import { readProbes } from './proof/probes.ts';
import { Pool } from './sandbox/pool.ts';

export type WorkerOptions = {
  settings: Settings & { REDIS_URL: string };
  /** The folder `nsjail/` of this repository. */
  nsjailDir: string;
  log: Logger;
  /** Told when this machine cannot give what the operator asked for. */
  onImpossible: (reason: string) => void;
};

export interface RunningWorker {
  readonly id: string;
  /** Ends cleanly: running jobs may end within the grace, unless `hasten` aborts. Nothing is left behind. */
  stop(hasten: AbortSignal): Promise<void>;
}

/** Connects everything and starts it. Rejects when Redis does not answer. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { settings, nsjailDir, log, onImpossible } = options;
  const { REDIS_PREFIX: prefix, SANDBOX_SLOTS: size, SHUTDOWN_GRACE_MS: graceMs } = settings;
  const id = `w-${randomUUID()}`;
  const { redis, store, queue, registry } = await connectStore(settings, log);
  const installation = await installationName(redis.request, prefix);

  const driver = createDriver({ settings, nsjailDir, worker: id, installation, registry, log });
  const refuse = acceptance(settings.SANDBOX_REQUIRE_CGROUP, { log, onImpossible });
  const probes = readProbes(join(nsjailDir, 'proof'));
  const pool: Pool = new Pool({ driver, size, refuse, onChange: () => gate.update(), log });
  const gate = new Gate({ pool, probes, onChange: () => changed(), log });
  const cancellations = new Cancellations({ subscriber: redis.subscriber, store });
  const consumer = new Consumer({
    redis: redis.blocking,
    prefix,
    store,
    pool,
    cancellations,
    worker: id,
    log,
  });
  const heartbeat = startHeartbeat({
    registry,
    say: () => ({ id, slots: pool.usable, ...gate.verdict }),
    log,
  });
  const changed = () => {
    consumer.setCapacity(gate.verdict.facts === null ? 0 : pool.usable);
    heartbeat.beat();
  };
  const watchdog = startWatchdog({ consumer, waiting: () => queue.waiting(), log });
  const sweep = startSweep({ store, queue, registry, log });
  const ticks = startTicks(store, log);
  log.info({ worker: id, driver: settings.SANDBOX_DRIVER, slots: size }, 'worker started');
  pool.start();

  return {
    id,
    async stop(hasten) {
      log.info({ worker: id, running: consumer.load.running }, 'worker is ending');
      const drained = consumer.stop(graceMs, hasten);
      gate.stop();
      watchdog.stop();
      await drained;
      await pool.close();
      await sweep.stop();
      await ticks.stop();
      await heartbeat.stop();
      cancellations.close();
      for (const connection of Object.values(redis)) connection.disconnect();
      await queue.close().catch(() => undefined);
      log.info({ worker: id }, 'worker ended');
    },
  };
}

const REDIS_START_MS = 30_000;

async function connectStore(settings: WorkerOptions['settings'], log: Logger) {
  const { REDIS_URL: url, REDIS_PREFIX: prefix } = settings;
  const redis = {
    request: connectRedis(url, 'request', log),
    blocking: connectRedis(url, 'blocking', log),
    subscriber: connectRedis(url, 'blocking', log),
  };
  await Promise.all(Object.values(redis).map((connection) => untilReady(connection, REDIS_START_MS)));
  const limits = { maxQueued: settings.MAX_QUEUED, maxStoreMb: settings.MAX_STORE_MB };
  const queue = new JobQueue(redis.request, prefix);
  const store = new JobStore(redis.request, prefix, { limits, onReleased: addReleased(queue, log) });
  await store.checkSchema();
  return { redis, store, queue, registry: new WorkerRegistry(redis.request, prefix) };
}
