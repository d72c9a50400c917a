import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { limits } from '@jobcell/shared/contract';
import { describe, expect, test } from 'vitest';
import { oneApi } from '../testing/one-api.ts';

const api = oneApi({ MAX_STORE_MB: '500' });
const { post, refusedWith } = api;

const head = 'POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

describe('5 MiB', () => {
  const padded = (bytes: number) => `{"script":"x"${' '.repeat(bytes - 14)}}`;

  test('are read, one byte more is payload_too_large', async () => {
    expect((await post(padded(limits.bodyBytes))).status).toBe(202);
    await refusedWith('payload_too_large', padded(limits.bodyBytes + 1));
  });

  test('are counted in chunks that say no length', async () => {
    const chunked = { 'Transfer-Encoding': 'chunked' };
    expect((await post(padded(limits.bodyBytes), chunked)).status).toBe(202);
    await refusedWith('payload_too_large', padded(limits.bodyBytes + 1), chunked);
  });

  test('are the limit when Content-Length says more, though no byte was sent', async () => {
    const socket = connect(api.call.port, '127.0.0.1');
    socket.write(`${head}Content-Length: 99999999999\r\n\r\n`);
    const started = performance.now();
    const answered = await new Promise((resolve) => socket.once('data', (data) => resolve(String(data))));
    expect(answered).toContain('HTTP/1.1 413');
    expect(performance.now() - started).toBeLessThan(1_500);
    socket.destroy();
  });

  test('are not passed by a Content-Length beside chunks: such a request is no HTTP', async () => {
    const answer = await api.call.raw(
      `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"invalid_request"');
  });

  test.each([
    ['too large', `${head}Content-Length: 8000000\r\nConnection: close\r\n\r\n`, 'HTTP/1.1 413'],
    [
      'compressed',
      `${head}Content-Encoding: br\r\nContent-Length: 8000000\r\nConnection: close\r\n\r\n`,
      'HTTP/1.1 415',
    ],
    [
      'for a path that is none',
      `POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\nConnection: close\r\n\r\n`,
      'HTTP/1.1 404',
    ],
    [
      'for another host',
      `POST /jobs HTTP/1.1\r\nHost: evil\r\nContent-Length: 8000000\r\nConnection: close\r\n\r\n`,
      'HTTP/1.1 403',
    ],
  ])('of a body that is %s are not read, but the answer arrives', async (_, start, answer) => {
    const answers = Array.from({ length: 10 }, () => api.call.raw(start + 'x'.repeat(8_000_000)));
    for (const text of await Promise.all(answers)) expect(text.slice(0, answer.length)).toBe(answer);
  });

  test('that never end do not stay in memory: the connection is closed soon after the answer', async () => {
    const socket = connect(api.call.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
    const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`;
    const flood = setInterval(() => socket.writable && socket.write(chunk.repeat(16)), 1);
    const answer = await text(socket).catch(() => 'reset');
    clearInterval(flood);
    expect(answer).toMatch(/^HTTP\/1\.1 413 |^reset/);
  });
});
