import type { Logger } from '@jobcell/shared/log';
import { jobWorkerSettings } from '@jobcell/shared/queue';
import type { Redis } from 'ioredis';
import { type AttemptParts, attempt } from './attempt.ts';
import { type EndSignals, QueueConsumer } from './queue-consumer.ts';

export type ConsumerParts = Omit<AttemptParts, keyof EndSignals> & {
  /** A connection that waits through an outage. */
  redis: Redis;
  prefix: string;
  log: Logger;
};

/** Takes the ids of jobs while there are slots, and runs one attempt for each. */
export class Consumer extends QueueConsumer {
  constructor({ redis, prefix, ...parts }: ConsumerParts) {
    super({
      ...{ redis, queue: jobWorkerSettings(prefix), log: parts.log },
      work: (id, lock, signals) => attempt(id, lock, { ...parts, ...signals }),
    });
  }
}
