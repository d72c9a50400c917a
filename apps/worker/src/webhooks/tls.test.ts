import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { AddressRule } from '@jobcell/shared/webhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type NameServer, startNameServer } from '../testing/name-server.ts';
import { makeCertificate, saying, startReceiver } from '../testing/receivers.ts';
import { Poster } from './post.ts';

const rule = new AddressRule(['127.0.0.0/8']);

let names: NameServer;
let server: Server;
let port: number;
let ca: string;
const heard: { servername: string | false | null; host: string | undefined; body: string }[] = [];

beforeAll(async () => {
  names = await startNameServer();
  for (const name of ['receiver.test', 'other.test']) names.names.set(name, [['127.0.0.1']]);
  const { key, cert } = await makeCertificate(['DNS:receiver.test', 'IP:127.0.0.1']);
  ca = cert;
  server = createServer({ key, cert }, async (request, response) => {
    const body = (await request.toArray()).join('');
    heard.push({ servername: (request.socket as TLSSocket).servername, host: request.headers.host, body });
    response.end('over TLS');
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await names.close();
});
beforeEach(() => void heard.splice(0));

async function post(host: string, at = port, trusted: string | undefined = ca) {
  const poster = new Poster({ rule, servers: [names.address], timeoutMs: 10_000, ca: trusted });
  try {
    return await poster.post({ url: new URL(`https://${host}:${at}/`), headers: {}, body: '{"a":1}' });
  } finally {
    await poster.close();
  }
}

describe('a post over TLS', () => {
  it.each(['receiver.test', 'receiver.test.'])('is made to the name, not the address: %s', async (host) => {
    expect(await post(host)).toMatchObject({ error: null, excerpt: 'over TLS' });
    expect(heard).toEqual([{ servername: 'receiver.test', host: `${host}:${port}`, body: '{"a":1}' }]);
  });

  it('is made to an address that the certificate names', async () => {
    expect(await post('127.0.0.1')).toMatchObject({ error: null });
    expect(heard).toHaveLength(1);
  });

  it('is not made where the certificate is not of the host', async () => {
    expect(await post('other.test')).toMatchObject({
      error: 'tls_failed',
      statusCode: null,
      answered: false,
    });
    expect(heard).toEqual([]);
  });

  it('is not made where nobody vouches for the certificate', async () => {
    const poster = new Poster({ rule, servers: [names.address], timeoutMs: 10_000 });
    const url = new URL(`https://receiver.test:${port}/`);
    expect(await poster.post({ url, headers: {}, body: '{}' })).toMatchObject({ error: 'tls_failed' });
    expect(heard).toEqual([]);
    await poster.close();
  });

  it('is not made to a receiver that speaks no TLS', async () => {
    const plain = await startReceiver((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    expect(await post('127.0.0.1', plain.port)).toMatchObject({ error: 'tls_failed', answered: false });
    await plain.close();
  });

  it('is not sent in the clear where the handshake fails', async () => {
    let text = '';
    const answer = saying('HTTP/1.1 200 OK\r\n\r\n');
    const plain = await startReceiver((socket) => {
      socket.on('data', (chunk) => (text += chunk.toString('latin1')));
      socket.once('data', () => socket.end());
      answer(socket);
    });
    expect(await post('receiver.test', plain.port)).toMatchObject({ error: 'tls_failed' });
    expect(text).not.toContain('POST');
    await plain.close();
  });
});
