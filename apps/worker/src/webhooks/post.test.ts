import type { Socket } from 'node:net';
import { AddressRule } from '@jobcell/shared/webhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { type NameServer, startNameServer } from '../testing/name-server.ts';
import { type Receiver, saying, startReceiver } from '../testing/receivers.ts';
import { Poster } from './post.ts';

const rule = new AddressRule(['127.0.0.0/8', '::1/128']);
const NO_ANSWER = { statusCode: null, excerpt: null, retryAfterMs: null, answered: false };

let names: NameServer;
let poster: Poster;
const receivers: Receiver[] = [];

beforeEach(async () => {
  names = await startNameServer();
  poster = new Poster({ rule, servers: [names.address], timeoutMs: 10_000 });
});
afterEach(async () => {
  await poster.close();
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
  await names.close();
});

async function receiverOf(serve?: (socket: Socket) => void, host = '127.0.0.1'): Promise<Receiver> {
  const receiver = await startReceiver(serve, { host });
  receivers.push(receiver);
  return receiver;
}

async function postTo(serve: (socket: Socket) => void) {
  const { url } = await receiverOf(serve);
  return poster.post({ url, headers: {}, body: '{}' });
}

const answering = (status: number, headers = '', body = '') =>
  saying(`HTTP/1.1 ${status} X\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);

describe('an answer', () => {
  it.each([200, 201, 202, 299])('of 2xx is a success: %i', async (status) => {
    expect(await postTo(answering(status, '', 'thanks'))).toMatchObject({
      statusCode: status,
      error: null,
      excerpt: 'thanks',
      retryAfterMs: null,
      answered: true,
    });
  });

  it.each([
    [301, 'redirect'],
    [304, 'redirect'],
    [400, 'bad_status'],
    [404, 'bad_status'],
    [410, 'gone'],
    [429, 'bad_status'],
    [500, 'bad_status'],
    [503, 'bad_status'],
    [999, 'bad_status'],
  ])('of another status is not one: %i', async (status, error) => {
    expect(await postTo(answering(status))).toMatchObject({ statusCode: status, error, answered: true });
  });

  it('without a body has no excerpt', async () => {
    expect(await postTo(saying('HTTP/1.1 204 No Content\r\n\r\n'))).toMatchObject({
      excerpt: null,
      error: null,
    });
  });

  it('after informational ones is the one that counts', async () => {
    const early = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n';
    const answer = `${early}HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok`;
    expect(await postTo(saying(answer))).toMatchObject({ statusCode: 201, error: null, excerpt: 'ok' });
  });

  it('that asks to wait is heard, and not where it is a success', async () => {
    expect(await postTo(answering(503, 'retry-after: 30\r\n'))).toMatchObject({ retryAfterMs: 30_000 });
    expect(await postTo(answering(503, 'retry-after: soon\r\n'))).toMatchObject({ retryAfterMs: null });
    expect(await postTo(answering(200, 'retry-after: 30\r\n'))).toMatchObject({ retryAfterMs: null });
  });

  it('that is compressed is not decompressed', async () => {
    const result = await postTo(answering(200, 'content-encoding: gzip\r\n', 'not gzip'));
    expect(result).toMatchObject({ error: null, excerpt: 'not gzip' });
  });

  it('that breaks off in its body is one of its status', async () => {
    const answer = 'HTTP/1.1 500 X\r\ncontent-length: 100\r\n\r\nhalf';
    expect(await postTo(saying(answer))).toMatchObject({
      statusCode: 500,
      error: 'bad_status',
      excerpt: 'half',
    });
  });

  it('without an end is read so far and dropped', async () => {
    let sent = 0;
    const flood = (socket: Socket) => {
      const chunk = Buffer.alloc(65_536, 'x');
      const more = () => {
        while (!socket.destroyed && socket.write(chunk)) sent += chunk.length;
      };
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.on('drain', more);
      more();
    };
    const receiver = await receiverOf(flood);
    const result = await poster.post({ url: receiver.url, headers: {}, body: '{}' });
    expect(result).toMatchObject({ error: null, excerpt: 'x'.repeat(1_024) });
    await until('the connection is dropped', () => receiver.open.size === 0);
    expect(sent).toBeLessThan(64 * 2 ** 20);
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
    ['bytes', Buffer.from([0, 1, 2, 0xff, 0xfe])],
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a header of 20 KiB', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_480)}\r\n\r\n`],
    ['20 KiB of headers', `HTTP/1.1 200 OK\r\n${'x: xxxxxxxx\r\n'.repeat(2_000)}\r\n`],
    ['another protocol from here on', 'HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
    ['a flood of informational ones', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1_000)],
    ['a flood of 100', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1_000)],
  ])('that is none is invalid: %s', async (_what, answer) => {
    expect(await postTo(saying(answer))).toMatchObject({ ...NO_ANSWER, error: 'answer_invalid' });
  });
});

describe('a connection', () => {
  it.each([
    ['ended', saying('')],
    ['ended inside the headers', saying('HTTP/1.1 200 OK\r\ncontent-le')],
    ['ended at once', (socket: Socket) => void socket.end()],
    ['reset at once', (socket: Socket) => void socket.resetAndDestroy()],
    [
      'reset when the request is there',
      (socket: Socket) => socket.on('data', () => socket.resetAndDestroy()),
    ],
  ])('without an answer has failed: %s', async (_what, serve) => {
    expect(await postTo(serve)).toMatchObject({ ...NO_ANSWER, error: 'connection_failed' });
  });

  it('to a port where nothing listens is refused', async () => {
    const receiver = await startReceiver();
    await receiver.close();
    const result = await poster.post({ url: receiver.url, headers: {}, body: '{}' });
    expect(result).toMatchObject({ ...NO_ANSWER, error: 'connection_refused' });
  });

  it('to a name of which no address listens is refused', async () => {
    const receiver = await startReceiver();
    await receiver.close();
    names.names.set('both.test', [['127.0.0.1', '::1']]);
    const url = new URL(`http://both.test:${receiver.port}/`);
    const result = await poster.post({ url, headers: {}, body: '{}' });
    expect(result).toMatchObject({ ...NO_ANSWER, error: 'connection_refused' });
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]'],
  ])('is made by IPv4 and by IPv6: %s', async (host, inUrl) => {
    const { port } = await receiverOf(answering(200), host);
    const url = new URL(`http://${inUrl}:${port}/`);
    expect(await poster.post({ url, headers: {}, body: '{}' })).toMatchObject({ error: null });
  });

  it.each(['127.0.0.1', '::1'])('finds the address that listens among those of a name: %s', async (host) => {
    const { port } = await receiverOf(answering(200), host);
    names.names.set('both.test', [['127.0.0.1', '::1']]);
    const url = new URL(`http://both.test:${port}/`);
    expect(await poster.post({ url, headers: {}, body: '{}' })).toMatchObject({ error: null });
  });

  it('is its own for each post, and none is kept', async () => {
    const receiver = await receiverOf(answering(200, 'connection: keep-alive\r\n'));
    for (let sent = 0; sent < 3; sent += 1) {
      await poster.post({ url: receiver.url, headers: {}, body: '{}' });
    }
    expect(receiver.connections).toBe(3);
    await until('all are closed', () => receiver.open.size === 0);
  });
});

describe('a name', () => {
  it.each(['missing.test', 'empty.test'])('without an address is not resolved: %s', async (name) => {
    names.names.set('empty.test', [[]]);
    const result = await poster.post({ url: new URL(`http://${name}/`), headers: {}, body: '{}' });
    expect(result).toMatchObject({ ...NO_ANSWER, error: 'name_not_resolved' });
  });
});

describe('a message', () => {
  it('arrives as it was given, framed by the sender alone', async () => {
    let heard = '';
    const answer = answering(200);
    const receiver = await receiverOf((socket) => {
      socket.on('data', (chunk) => (heard += chunk.toString()));
      answer(socket);
    });
    await poster.post({
      url: new URL('/hook?a=1&b=%20#c', receiver.url),
      headers: {
        'content-type': 'application/json',
        'webhook-id': 'msg_1',
        Host: 'elsewhere',
        'Content-Length': '1',
        'transfer-encoding': 'chunked',
        expect: '100-continue',
        Connection: 'keep-alive',
      },
      body: '{"name":"schön"}',
    });
    const [head = '', body] = heard.split('\r\n\r\n');
    const [line, ...headers] = head.split('\r\n');
    expect(line).toBe('POST /hook?a=1&b=%20 HTTP/1.1');
    expect(headers.map((header) => header.toLowerCase()).toSorted()).toEqual([
      'connection: close',
      'content-length: 17',
      'content-type: application/json',
      `host: ${receiver.url.host}`,
      'webhook-id: msg_1',
    ]);
    expect(body).toBe('{"name":"schön"}');
  });

  it('with a header that HTTP cannot carry is rejected, and no byte of it is sent', async () => {
    let heard = 0;
    const receiver = await receiverOf((socket) => socket.on('data', ({ length }) => (heard += length)));
    const headers = { 'x-a': 'a\r\nwebhook-id: b' };
    await expect(poster.post({ url: receiver.url, headers, body: '{}' })).rejects.toThrow(TypeError);
    await until('the connection is closed', () => receiver.connections === 1 && receiver.open.size === 0);
    expect(heard).toBe(0);
  });
});
