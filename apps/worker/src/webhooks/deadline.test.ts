import type { Socket } from 'node:net';
import { AddressRule } from '@jobcell/shared/webhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { startNameServer } from '../testing/name-server.ts';
import { type Receiver, startReceiver } from '../testing/receivers.ts';
import { Poster, type PosterOptions } from './post.ts';

const rule = new AddressRule(['127.0.0.0/8']);
const TIMEOUT = { error: 'timeout', statusCode: null, answered: false, excerpt: null };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});

function posterOf(options: Partial<PosterOptions> = {}): Poster {
  const poster = new Poster({ rule, timeoutMs: 300, ...options });
  open.push(poster);
  return poster;
}

/** Reads, unless it is told otherwise: who does not read does not hear that a connection has ended. */
async function receiverOf(serve: (socket: Socket) => void = (socket) => socket.resume()): Promise<Receiver> {
  const receiver = await startReceiver(serve);
  open.push(receiver);
  return receiver;
}

/** Says `first`, and then `again` over and over. */
function dripping(first: string, again: string): (socket: Socket) => void {
  return (socket) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(again), 5);
    socket.on('close', () => clearInterval(timer));
    socket.resume();
  };
}

describe('the deadline', () => {
  it.each([
    ['says nothing', undefined],
    ['drips the bytes of its headers', dripping('HTTP/1.1 200 OK\r\nx: ', 'x')],
    ['drips headers', dripping('HTTP/1.1 200 OK\r\n', 'x: x\r\n')],
    ['drips the bytes of an informational answer', dripping('HTTP/1.1 103 Early Hints\r\nx: ', 'x')],
  ])('ends a post whose receiver %s', async (_what, serve) => {
    const receiver = await receiverOf(serve);
    const result = await posterOf().post({ url: receiver.url, headers: {}, body: '{}' });
    expect(result).toMatchObject(TIMEOUT);
    await until('the connection is closed', () => receiver.open.size === 0);
  });

  it('ends a post whose receiver never reads it', async () => {
    const receiver = await receiverOf((socket) => void socket.pause());
    const body = Buffer.alloc(64 * 2 ** 20);
    expect(await posterOf().post({ url: receiver.url, headers: {}, body })).toMatchObject(TIMEOUT);
  });

  it('ends a post whose receiver never answers the TLS handshake', async () => {
    const receiver = await receiverOf();
    const url = new URL(`https://127.0.0.1:${receiver.port}/`);
    expect(await posterOf().post({ url, headers: {}, body: '{}' })).toMatchObject(TIMEOUT);
    await until('the connection is closed', () => receiver.open.size === 0);
  });

  it('ends a post whose name server never answers', async () => {
    const names = await startNameServer();
    open.push(names);
    names.names.set('silent.test', 'silent');
    const poster = posterOf({ servers: [names.address] });
    const result = await poster.post({ url: new URL('http://silent.test/'), headers: {}, body: '{}' });
    expect(result).toMatchObject(TIMEOUT);
    expect(names.asked).toContain('A silent.test');
  });

  it('does not make a failure of an answer whose body is not over', async () => {
    const receiver = await receiverOf(dripping('HTTP/1.1 200 OK\r\n\r\n', 'x'));
    const result = await posterOf().post({ url: receiver.url, headers: {}, body: '{}' });
    expect(result).toMatchObject({ error: null, statusCode: 200, answered: true });
    expect(result.excerpt).toMatch(/^x+$/);
    await until('the connection is closed', () => receiver.open.size === 0);
  });

  it('is each post’s own', async () => {
    const silent = await receiverOf();
    const poster = posterOf();
    const ended = [1, 2, 3].map(() => poster.post({ url: silent.url, headers: {}, body: '{}' }));
    for (const result of await Promise.all(ended)) expect(result).toMatchObject(TIMEOUT);
    expect(silent.connections).toBe(3);
  });
});

describe('a post that is stopped', () => {
  it('by its signal rejects with the reason, and its connection is closed', async () => {
    const receiver = await receiverOf();
    const stop = new AbortController();
    const poster = posterOf({ timeoutMs: 60_000 });
    const post = poster.post({ url: receiver.url, headers: {}, body: '{}', signal: stop.signal });
    const rejected = expect(post).rejects.toThrow('enough');
    await until('it is connected', () => receiver.open.size === 1);
    stop.abort(new Error('enough'));
    await rejected;
    await until('the connection is closed', () => receiver.open.size === 0);
  });

  it('before it began does not connect', async () => {
    const receiver = await receiverOf();
    const post = posterOf().post({
      url: receiver.url,
      headers: {},
      body: '{}',
      signal: AbortSignal.abort(new Error('enough')),
    });
    await expect(post).rejects.toThrow('enough');
    expect(receiver.connections).toBe(0);
  });

  it('by the end of the poster rejects, and none begins after it', async () => {
    const receiver = await receiverOf();
    const poster = posterOf({ timeoutMs: 60_000 });
    const rejected = expect(poster.post({ url: receiver.url, headers: {}, body: '{}' })).rejects.toThrow(
      'the poster is closed',
    );
    await until('it is connected', () => receiver.open.size === 1);
    await poster.close();
    await rejected;
    await until('the connection is closed', () => receiver.open.size === 0);
    await expect(poster.post({ url: receiver.url, headers: {}, body: '{}' })).rejects.toThrow('closed');
    expect(receiver.connections).toBe(1);
  });
});
