import type { Settings } from '@jobcell/shared/config';
import type { Logger } from '@jobcell/shared/log';
import { type DeliveryQueue, deliveryWorkerSettings } from '@jobcell/shared/queue';
import type { DeliveryStore } from '@jobcell/shared/store';
import { AddressRule } from '@jobcell/shared/webhooks';
import type { Redis } from 'ioredis';
import { QueueConsumer } from '../consumer/queue-consumer.ts';
import { startWatchdog } from '../consumer/watchdog.ts';
import { Poster } from './post.ts';
import { send } from './send.ts';

export type SenderParts = {
  settings: Settings;
  /** A connection that waits through an outage. */
  redis: Redis;
  store: DeliveryStore;
  queue: Pick<DeliveryQueue, 'waiting'>;
  log: Logger;
};

export interface Sender {
  /** Ends cleanly: what is being sent may end within `graceMs`, unless `hasten` aborts. */
  stop(graceMs: number, hasten: AbortSignal): Promise<void>;
}

/** No fewer than the store releases at once: they are sockets that wait. */
const AT_ONCE = 100;

/** Sends webhooks. It needs no sandbox and no engine, only Redis and the way to the receivers. */
export function startSender({ settings, redis, store, queue, log }: SenderParts): Sender {
  const poster = new Poster({
    rule: new AddressRule(settings.WEBHOOK_ALLOW_CIDRS),
    servers: settings.WEBHOOK_DNS_SERVERS,
    timeoutMs: settings.WEBHOOK_TIMEOUT_MS,
  });
  const plan = { waitsMs: settings.WEBHOOK_RETRY_MS, deadKeptMs: settings.WEBHOOK_RETENTION_MS };
  const consumer = new QueueConsumer({
    ...{ redis, queue: deliveryWorkerSettings(settings.REDIS_PREFIX), log },
    work: (id, _lock, signals) => send(id, { store, poster, plan, log, ...signals }),
  });
  const watchdog = startWatchdog({ consumer, waiting: () => queue.waiting(), log });
  consumer.setCapacity(AT_ONCE);
  return {
    async stop(graceMs, hasten) {
      watchdog.stop();
      await consumer.stop(graceMs, hasten);
      await poster.close();
    },
  };
}
