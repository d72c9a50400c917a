import type { KeyRequest } from '@jobcell/shared/contract';
import type { KeyStore } from '@jobcell/shared/keys';
import { createLogger } from '@jobcell/shared/log';
import { expect, test } from 'vitest';
import { eachTest } from '../testing/each-test.ts';
import { elsewhere, keyRequest } from '../testing/keys.ts';
import { KeyRing } from './key-ring.ts';

const suite = eachTest({});

test('a key that is made while Redis is asked for one is needed at once, whatever that answer says', async () => {
  await elsewhere(suite.redis.url, suite.api.prefix, async (keys) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow = {
      create: (request: KeyRequest) => keys.create(request),
      everMade: async () => {
        const before = await keys.everMade();
        await promise;
        return before;
      },
    } as KeyStore;
    const ring = new KeyRing(slow, suite.api.parts.settings, createLogger('silent', 'test'));
    const asked = ring.required();
    await ring.create(keyRequest());
    resolve();
    await asked;
    expect(await ring.required()).toBe(true);
  });
});
