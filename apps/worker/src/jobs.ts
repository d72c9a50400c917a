import { join } from 'node:path';
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
import { chooseIsolation } from './sandbox/process/isolation.ts';
import type { StoreParts } from './store.ts';
import type { RunningPart, WorkerOptions } from './worker.ts';

/** A worker without a heartbeat for so long has lost its containers. */
const ORPHANED_MS = 30_000;

const AT_LANDLOCK =
  'namespaces are refused here: jobs run one at a time behind Landlock, as SANDBOX_ISOLATION accepts; docs/security-model.md lists what that does not give';

/** Runs jobs in slots of its own, as long as its sandbox is proven. `worker` is the id that it is known by. */
export async function startJobs(
  worker: string,
  { redis, store, queue, registry }: StoreParts,
  { settings, nsjailDir, log, onImpossible }: WorkerOptions,
): Promise<RunningPart> {
  const { REDIS_PREFIX: prefix } = settings;
  const isolation = await chooseIsolation(settings, nsjailDir);
  // Without namespaces, jobs beside each other would share /tmp.
  const size = isolation === 'landlock' ? 1 : settings.SANDBOX_SLOTS;
  const installation = await installationName(redis.request, prefix);
  const liveWorkers = async () => (await registry.list(ORPHANED_MS)).map((live) => live.id);
  const driver = createDriver({ settings, isolation, nsjailDir, worker, installation, liveWorkers, log });
  const refuse = acceptance(settings.SANDBOX_REQUIRE_CGROUP, { log, onImpossible });
  const probes = readProbes(join(nsjailDir, 'proof'));
  const pool: Pool = new Pool({ driver, size, refuse, onChange: () => gate.update(), log });
  const gate = new Gate({ pool, probes, onChange: () => changed(), log });
  const cancellations = new Cancellations({ subscriber: redis.subscriber, store });
  const consumer = new Consumer({
    ...{ redis: redis.blocking, prefix, store, pool, cancellations, worker, log },
  });
  const say = () => ({ id: worker, slots: pool.usable, ...gate.verdict });
  const heartbeat = startHeartbeat({ registry, say, log });
  const changed = () => {
    consumer.setCapacity(gate.verdict.facts === null ? 0 : pool.usable);
    heartbeat.beat();
  };
  const watchdog = startWatchdog({ consumer, waiting: () => queue.waiting(), log });
  if (isolation === 'landlock') log.warn(AT_LANDLOCK);
  log.info({ driver: settings.SANDBOX_DRIVER, isolation, slots: size }, 'runs jobs');
  pool.start();

  return {
    async stop(graceMs, hasten) {
      log.info({ running: consumer.load.running }, 'jobs are ending');
      const drained = consumer.stop(graceMs, hasten);
      gate.stop();
      watchdog.stop();
      await drained;
      await pool.close();
      await heartbeat.stop();
      cancellations.close();
    },
  };
}
