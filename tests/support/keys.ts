import { type KeyRequest, scopeSchema } from '@jobcell/shared/contract';
import { KeyStore } from '@jobcell/shared/keys';
import { Redis } from 'ioredis';
import { Client } from './http.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

export const allScopes = [...scopeSchema.options];

/** Makes a key as `npm run keys` does, and gives a caller who has it; the API knows it then. */
export async function callerWithKey(
  stack: Stack,
  changes: Partial<KeyRequest> = {},
): Promise<Client & { key: string }> {
  const redis = new Redis({ path: new URL(stack.redis.url).pathname });
  try {
    const request: KeyRequest = { name: 'test', scopes: ['jobs:write', 'jobs:read'], ...changes };
    const { key } = await new KeyStore(redis, 'jobcell').create(request);
    const client = new Client(stack.client.url, key);
    await until('keys are required', async () => (await stack.client.get('/jobs')).status === 401);
    return Object.assign(client, { key });
  } finally {
    redis.disconnect();
  }
}
