import { randomUUID } from 'node:crypto';
import { type Scope, scopeSchema } from '@jobcell/shared/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { allRoutes } from '../routes/index.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { problemOf } from '../testing/caller.ts';
import { bearer, keyRequest } from '../testing/keys.ts';

/** What each route needs, by the contract; a route that is not here fails the first test. */
const needed: Record<string, Scope | null> = {
  'post /execute': 'jobs:write',
  'post /jobs': 'jobs:write',
  'get /jobs/{id}': 'jobs:read',
  'get /jobs': 'jobs:read',
  'get /jobs/{id}/events': 'jobs:read',
  'delete /jobs/{id}': 'jobs:write',
  'delete /jobs/{id}/data': 'jobs:write',
  'post /validate': 'jobs:write',
  'get /runtime': 'jobs:read',
  'get /webhooks/deliveries': 'jobs:read',
  'post /webhooks/deliveries/{id}/redeliver': 'jobs:write',
  'post /admin/keys': 'admin',
  'get /admin/keys': 'admin',
  'delete /admin/keys/{id}': 'admin',
  'get /health': null,
  'get /ready': null,
  'get /openapi.json': null,
  'get /docs': null,
};

const sets: Scope[][] = [[], ...scopeSchema.options.map((scope) => [scope]), [...scopeSchema.options]];

let redis: TestRedis;
let api: TestApi;
/** A key for each set of scopes; the empty one is made as no request could make it. */
const keys = new Map<Scope[], string>();
beforeAll(async () => {
  redis = await startRedis();
  api = await startApi(redis.url);
  await until('the API is connected', async () => (await api.call.get('/ready')).text.includes('worker'));
  for (const scopes of sets) keys.set(scopes, (await api.parts.keys.create(keyRequest({ scopes }))).key);
});
afterAll(async () => {
  await api.close();
  await redis.stop();
});

const ask = async (route: string, headers: Record<string, string>) => {
  const [method = '', path = ''] = route.split(' ');
  return await api.call.send(method.toUpperCase(), path.replace('{id}', randomUUID()), headers);
};

test('the contract says what every route needs', () => {
  const routes = allRoutes(api.parts);
  expect(Object.fromEntries(routes.map(({ doc, scope }) => [`${doc.method} ${doc.path}`, scope]))).toEqual(
    needed,
  );
});

describe.each(Object.entries(needed))('%s', (route, scope) => {
  test(scope === null ? 'needs no key, and takes a wrong one' : 'needs a key', async () => {
    for (const headers of [{}, bearer('wrong')]) {
      const answer = await ask(route, headers);
      if (scope === null) expect([200, 503]).toContain(answer.status);
      else expect(problemOf(answer).code).toBe('unauthorized');
    }
  });

  test.each(sets)('is right about the scopes %j', async (...scopes) => {
    const set = sets.find((one) => one.join() === scopes.join()) ?? [];
    const answer = await ask(route, bearer(keys.get(set) ?? ''));
    if (scope === null || scopes.includes(scope)) expect([401, 403]).not.toContain(answer.status);
    else
      expect(problemOf(answer)).toMatchObject({
        ...{ code: 'forbidden', detail: `The key needs the scope ${scope} for this.` },
      });
  });
});
