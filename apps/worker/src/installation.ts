import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

/**
 * The name of the Jobcell that works with this Redis and prefix, made up by the first worker that asks. Containers
 * carry it: two Jobcells on one host must not take each other's for orphans.
 */
export async function installationName(redis: Redis, prefix: string): Promise<string> {
  const key = `${prefix}:installation`;
  await redis.set(key, randomUUID(), 'NX');
  const name = await redis.get(key);
  if (name === null) throw new Error('Redis forgot what was just written to it');
  return name;
}
