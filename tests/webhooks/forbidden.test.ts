import { forbiddenAddresses, loopbackHosts } from '@jobcell/shared/testing/forbidden-addresses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NameServer, startNameServer } from '../../apps/worker/src/testing/name-server.ts';
import { startCanaries } from '../../apps/worker/src/testing/receivers.ts';
import { allDeliveries, cancelledJob } from '../support/deliveries.ts';
import { newSecret } from '../support/receiver.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const secret = newSecret();
/** Stands for a public address. */
const PUBLIC = '127.0.0.2';

describe('a webhook to an address that is not public', () => {
  let stack: Stack;
  let names: NameServer;
  let canaries: Awaited<ReturnType<typeof startCanaries>>;
  beforeAll(async () => {
    [names, canaries] = await Promise.all([startNameServer(), startCanaries()]);
    stack = await startStack({
      ...{ driver: 'process', workers: 0 },
      settings: {
        ...{ WORKER_PARTS: 'webhooks', WEBHOOK_DNS_SERVERS: names.address },
        ...{ WEBHOOK_ALLOW_CIDRS: `${PUBLIC}/32`, WEBHOOK_RETRY_MS: '10' },
      },
    });
    await stack.startWorker();
  });
  afterAll(async () => {
    await stack?.stop();
    await Promise.all([names?.close(), canaries?.close()]);
  });

  test(`is refused when its job is posted, in each of ${loopbackHosts.length + forbiddenAddresses.length} notations and addresses`, async () => {
    const hosts = [
      ...loopbackHosts.map(([, host]) => host),
      ...forbiddenAddresses.map(([, address]) => (address.includes(':') ? `[${address}]` : address)),
    ];
    for (const host of hosts) {
      const webhook = { url: `http://${host}:${canaries.port}/`, secret };
      const answer = await stack.client.post('/jobs', { script: 'def main(): return 1', webhook });
      expect(answer.status, host).toBe(400);
      expect(answer.body, host).toMatchObject({
        code: 'invalid_request',
        detail: expect.stringMatching(/^webhook\.url must (not point to an address|be an http)/),
      });
    }
    expect(canaries.connections()).toBe(0);
  });

  test('by a name is a dead letter that says why, and nothing was connected to', async () => {
    forbiddenAddresses.forEach(([, address], at) => {
      names.names.set(`is${at}.test`, [[address]]);
      names.names.set(`first${at}.test`, [[address, PUBLIC]]);
      names.names.set(`last${at}.test`, [[PUBLIC, address]]);
    });
    names.names.set('changes.test', [[PUBLIC], ['127.0.0.1']]);
    const hosts = [...names.names.keys()];
    for (const host of hosts)
      await cancelledJob(stack.client, { url: `http://${host}:${canaries.port}/`, secret });
    const dead = await until('all are dead letters', async () => {
      const found = await allDeliveries(stack.client, '&status=dead');
      return found.length === hosts.length && found;
    });
    for (const { url, attempts } of dead) {
      const errors = attempts.map(({ error, status_code }) => [error, status_code]);
      // The name that changes is allowed at first: nobody listens there. What it is next is looked at again.
      const first = url.includes('changes') ? 'connection_refused' : 'address_forbidden';
      expect(errors, url).toEqual([
        [first, null],
        ['address_forbidden', null],
      ]);
    }
    expect(canaries.connections()).toBe(0);
  });

  test('is no webhook to the canaries themselves: they would hear of one', async () => {
    await fetch(`http://127.0.0.1:${canaries.port}/`);
    await fetch(`http://[::1]:${canaries.port}/`);
    expect(canaries.connections()).toBe(2);
  });
});
