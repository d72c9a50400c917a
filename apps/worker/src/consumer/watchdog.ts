import type { Logger } from '@jobcell/shared/log';
import type { QueueConsumer } from './queue-consumer.ts';

export type WatchdogParts = {
  consumer: Pick<QueueConsumer, 'load' | 'rebuild'>;
  /** How many ids wait in its queue. */
  waiting: () => Promise<number>;
  log: Logger;
  everyMs?: number;
};

/** So many looks in a row must find that nothing is taken. */
const STRIKES = 3;

/** Rebuilds a consumer that takes nothing though jobs wait and slots are free: a connection can hang unnoticed. */
export function startWatchdog({ consumer, waiting, log, everyMs = 5_000 }: WatchdogParts): { stop(): void } {
  let strikes = 0;
  let takenBefore = -1;
  const look = async () => {
    const { running, capacity, taken } = consumer.load;
    const idle = running < capacity && taken === takenBefore;
    takenBefore = taken;
    strikes = idle && (await waiting()) > 0 ? strikes + 1 : 0;
    if (strikes < STRIKES) return;
    strikes = 0;
    log.error({ running, capacity }, 'jobs wait but none is taken: rebuilding the queue worker');
    consumer.rebuild();
  };
  const timer = setInterval(() => void look().catch(() => undefined), everyMs);
  return { stop: () => clearInterval(timer) };
}
