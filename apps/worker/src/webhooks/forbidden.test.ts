import { forbiddenAddresses, loopbackHosts } from '@jobcell/shared/testing/forbidden-addresses';
import { AddressRule } from '@jobcell/shared/webhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NameServer, startNameServer } from '../testing/name-server.ts';
import { saying, startCanaries, startReceiver } from '../testing/receivers.ts';
import { Poster } from './post.ts';

const FORBIDDEN = { error: 'address_forbidden', statusCode: null, answered: false, excerpt: null };
/** Stands for a public address: this machine has it, and it is not the canaries'. */
const PUBLIC = '127.0.0.2';
const publicOnly = new AddressRule([`${PUBLIC}/32`]);
const everything = new AddressRule(['0.0.0.0/0', '::/0']);

let canaries: Awaited<ReturnType<typeof startCanaries>>;
let names: NameServer;
const posters: Poster[] = [];

beforeEach(async () => {
  canaries = await startCanaries();
  names = await startNameServer();
});
afterEach(async () => {
  await Promise.all(posters.splice(0).map((poster) => poster.close()));
  await Promise.all([canaries.close(), names.close()]);
});

function post(host: string, rule = publicOnly, scheme = 'http') {
  const poster = new Poster({ rule, servers: [names.address], timeoutMs: 10_000 });
  posters.push(poster);
  return poster.post({ url: new URL(`${scheme}://${host}:${canaries.port}/`), headers: {}, body: '{}' });
}

describe('a host that is loopback', () => {
  it.each(loopbackHosts)('is never connected to: %s, %s', async (_form, host) => {
    expect(await post(host)).toMatchObject(FORBIDDEN);
    expect(await post(host, publicOnly, 'https')).toMatchObject(FORBIDDEN);
    expect(canaries.connections()).toBe(0);
  });

  it.each(loopbackHosts.filter(([, host]) => host !== '127.255.255.254'))(
    'does reach the canaries where all is allowed: %s, %s',
    async (_form, host) => {
      expect(await post(host, everything)).toMatchObject({ error: null });
      expect(canaries.connections()).toBe(1);
    },
  );

  it('is never asked of a name server where it is localhost', async () => {
    names.names.set('localhost', [[PUBLIC]]);
    names.names.set('receiver.localhost', [[PUBLIC]]);
    expect(await post('localhost')).toMatchObject(FORBIDDEN);
    expect(await post('receiver.localhost.')).toMatchObject(FORBIDDEN);
    expect(names.asked).toEqual([]);
    expect(canaries.connections()).toBe(0);
  });
});

describe('an address that is not public', () => {
  it.each(forbiddenAddresses)('is never connected to as a host: %s, %s', async (_what, address) => {
    expect(await post(address.includes(':') ? `[${address}]` : address)).toMatchObject(FORBIDDEN);
    expect(canaries.connections()).toBe(0);
  });

  it.each(forbiddenAddresses)('is never connected to by a name: %s, %s', async (_what, address) => {
    names.names.set('receiver.test', [[address]]);
    expect(await post('receiver.test')).toMatchObject(FORBIDDEN);
    expect(await post('receiver.test', publicOnly, 'https')).toMatchObject(FORBIDDEN);
    expect(canaries.connections()).toBe(0);
  });

  it.each(forbiddenAddresses)(
    'forbids the other addresses of its name too: %s, %s',
    async (_what, address) => {
      const receiver = await startReceiver(undefined, { host: PUBLIC, port: canaries.port });
      names.names.set('last.test', [[PUBLIC, address]]);
      names.names.set('first.test', [[address, PUBLIC]]);
      expect(await post('last.test')).toMatchObject(FORBIDDEN);
      expect(await post('first.test')).toMatchObject(FORBIDDEN);
      expect(receiver.connections + canaries.connections()).toBe(0);
      await receiver.close();
    },
  );

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])(
    'does reach the canaries by a name where all is allowed: %s',
    async (address) => {
      names.names.set('receiver.test', [[address]]);
      expect(await post('receiver.test', everything)).toMatchObject({ error: null });
      expect(canaries.connections()).toBe(1);
    },
  );
});

describe('a name', () => {
  it('that turns from public to loopback is not connected to as loopback: it is looked up once a post', async () => {
    const receiver = await startReceiver(saying('HTTP/1.1 204 No Content\r\n\r\n'), {
      host: PUBLIC,
      port: canaries.port,
    });
    names.names.set('rebinding.test', [[PUBLIC], ['127.0.0.1']]);
    expect(await post('rebinding.test')).toMatchObject({ error: null, statusCode: 204 });
    expect(names.asked.toSorted()).toEqual(['A rebinding.test', 'AAAA rebinding.test']);
    expect(await post('rebinding.test')).toMatchObject(FORBIDDEN);
    expect(receiver.connections).toBe(1);
    expect(canaries.connections()).toBe(0);
    await receiver.close();
  });

  it('that is only forbidden by IPv6 is forbidden', async () => {
    names.names.set('receiver.test', [[PUBLIC, '::1']]);
    expect(await post('receiver.test')).toMatchObject(FORBIDDEN);
    expect(canaries.connections()).toBe(0);
  });

  it('with a trailing dot is judged as without', async () => {
    names.names.set('receiver.test', [['127.0.0.1']]);
    expect(await post('receiver.test.')).toMatchObject(FORBIDDEN);
    expect(canaries.connections()).toBe(0);
  });
});

describe('a connection', () => {
  it('that the kernel made to another address than the one that was judged carries no byte', async () => {
    let heard = 0;
    const receiver = await startReceiver((socket) => socket.on('data', ({ length }) => (heard += length)));
    const poster = new Poster({ rule: new AddressRule(['0.0.0.0/32']), timeoutMs: 10_000 });
    const url = new URL(`http://0.0.0.0:${receiver.port}/`);
    expect(await poster.post({ url, headers: {}, body: '{}' })).toMatchObject(FORBIDDEN);
    await receiver.close();
    expect(heard).toBe(0);
  });
});

describe('a redirect', () => {
  it.each([300, 301, 302, 303, 307, 308])('to loopback is not followed: %i', async (status) => {
    const location = `http://127.0.0.1:${canaries.port}/`;
    const answer = `HTTP/1.1 ${status} Go\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`;
    const receiver = await startReceiver(saying(answer), { host: PUBLIC, port: canaries.port });
    expect(await post(PUBLIC)).toMatchObject({ error: 'redirect', statusCode: status, answered: true });
    expect(canaries.connections()).toBe(0);
    await receiver.close();
  });
});
