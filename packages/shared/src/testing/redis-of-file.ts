import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';

/** A Redis for the tests of a file, and a prefix for each of them. */
export type RedisOfFile = { readonly redis: Redis; readonly prefix: string };

/** Sets that up for the calling file. */
export function redisOfFile(): RedisOfFile {
  let server: TestRedis;
  let redis: Redis;
  let prefix: string;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis({ path: new URL(server.url).pathname });
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(() => {
    prefix = `test-${randomUUID()}`;
  });
  return {
    get redis() {
      return redis;
    },
    get prefix() {
      return prefix;
    },
  };
}
