import { JobStore } from '@jobcell/shared/store';
import { Redis } from 'ioredis';
import type { Stack } from '../support/stack.ts';

/** A look into the Redis of a stack, past its API. */
export type StoreView = {
  redis: Redis;
  store: JobStore;
  /** How often the end of each job was told: once is the rule. */
  endings: Map<string, number>;
  /** What is not at rest: jobs that are queued or running, and ids in any state of the queue. */
  unsettled(): Promise<Record<string, number>>;
  close(): void;
};

const PREFIX = 'jobcell';

export async function openStore(stack: Stack): Promise<StoreView> {
  const path = new URL(stack.redis.url).pathname;
  const redis = new Redis({ path });
  const subscriber = new Redis({ path });
  for (const connection of [redis, subscriber]) connection.on('error', () => undefined); // it may be restarted
  const store = new JobStore(redis, PREFIX, {
    limits: { maxQueued: 1, maxStoreMb: 1 },
    onReleased: () => undefined,
  });
  const endings = new Map<string, number>();
  subscriber.on('message', (_, id) => endings.set(id, (endings.get(id) ?? 0) + 1));
  await subscriber.subscribe(store.finishedChannel);
  return {
    redis,
    store,
    endings,
    unsettled: async () => ({
      queued: await redis.scard(`${PREFIX}:queued`),
      running: await redis.zcard(`${PREFIX}:running`),
      active: await redis.llen(`${PREFIX}:bull:jobs:active`),
      wait: await redis.llen(`${PREFIX}:bull:jobs:wait`),
      prioritized: await redis.zcard(`${PREFIX}:bull:jobs:prioritized`),
      delayed: await redis.zcard(`${PREFIX}:bull:jobs:delayed`),
    }),
    close: () => {
      redis.disconnect();
      subscriber.disconnect();
    },
  };
}
