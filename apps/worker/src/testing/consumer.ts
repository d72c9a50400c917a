import { createLogger } from '@jobcell/shared/log';
import { connectRedis, JobStore } from '@jobcell/shared/store';
import { until } from '../../../../tests/support/until.ts';
import { Cancellations } from '../consumer/cancellations.ts';
import { Consumer } from '../consumer/consumer.ts';
import type { Engine } from '../sandbox/docker/engine.ts';
import { Pool } from '../sandbox/pool.ts';
import { makeDriver } from './machine.ts';
import type { TestStore } from './store.ts';

const log = createLogger('silent', 'test');
const never = new AbortController().signal;

export type TestConsumer = {
  consumer: Consumer;
  pool: Pool;
  /** Ends it as a worker does, the slots too; only the first call counts. */
  end(graceMs?: number, hasten?: AbortSignal): Promise<void>;
};

export type TestConsumerOptions = {
  driver?: 'process' | 'docker';
  worker?: string;
  slots?: number;
  engine?: Engine;
};

/** A consumer of the jobs of `caller` with real slots, which takes jobs as long as it has slots. */
export async function startConsumer(
  caller: TestStore,
  options: TestConsumerOptions = {},
): Promise<TestConsumer> {
  const { driver: name = 'process', worker = 'w-1', slots = 1, engine } = options;
  const { prefix, url } = caller;
  const driver = makeDriver(name, {
    worker,
    installation: prefix,
    log,
    ...(engine === undefined ? {} : { engine }),
  });
  const redis = {
    blocking: connectRedis(url, 'blocking', log),
    request: connectRedis(url, 'request', log),
    subscriber: connectRedis(url, 'blocking', log),
  };
  const store = new JobStore(redis.request, prefix, {
    limits: { maxQueued: 10, maxStoreMb: 10 },
    onReleased: () => undefined,
  });
  const pool: Pool = new Pool({
    ...{ driver, size: slots, refuse: () => null, log },
    onChange: () => consumer.setCapacity(pool.usable),
  });
  const cancellations = new Cancellations({ subscriber: redis.subscriber, store });
  const consumer = new Consumer({ redis: redis.blocking, prefix, store, pool, cancellations, worker, log });
  pool.start();
  await until('the slots are there', () => pool.usable === slots);
  let ended: Promise<void> | undefined;
  const end = async (graceMs: number, hasten: AbortSignal) => {
    await consumer.stop(graceMs, hasten);
    await pool.close();
    cancellations.close();
    for (const connection of Object.values(redis)) connection.disconnect();
  };
  return {
    consumer,
    pool,
    end: (graceMs = 0, hasten = never) => {
      ended ??= end(graceMs, hasten);
      return ended;
    },
  };
}
