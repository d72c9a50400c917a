import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drivers } from '../support/drivers.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { cpuMsOf, resourcesOf } from './resources.ts';

const MiB = 1024 * 1024;
const driver = drivers.find(({ name }) => name === 'process');
const trivial = { script: 'def main(): return 1' };

describe.skipIf(driver?.skip !== null)(driver?.skip ?? 'a body', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ driver: 'process', slots: 2 });
    for (let call = 0; call < 50; call += 1) await stack.client.run(trivial); // warm
  });
  afterAll(() => stack?.stop());

  test('of 4 MiB that is 4 GiB of zeros when inflated is a 415, and nothing of it is inflated', async () => {
    const [before, cpuBefore] = [resourcesOf(stack.api).memory, cpuMsOf(stack.api)];
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post(gzipBomb(), 'Content-Encoding: gzip\r\n')),
    );
    for (const answer of answers)
      expect(answer).toMatch(/^HTTP\/1\.1 415 .*"code":"unsupported_media_type"/s);
    expect(cpuMsOf(stack.api) - cpuBefore, 'CPU time in ms').toBeLessThan(2_000);
    expect(resourcesOf(stack.api).memory - before).toBeLessThan(100 * MiB);
  });

  test('of a million brackets is a 400, twenty at once too, and /health is answered meanwhile', async () => {
    const bombs = Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        stack.client.post(n % 2 === 0 ? '/jobs' : '/execute', '['.repeat(1_000_000)),
      ),
    );
    let done = false;
    void bombs.finally(() => {
      done = true;
    });
    let slowest = 0;
    while (!done) {
      const asked = performance.now();
      expect((await stack.client.get('/health')).status).toBe(200);
      slowest = Math.max(slowest, performance.now() - asked);
    }
    for (const { status, body } of await bombs)
      expect({ status, body }).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    console.log(`slowest /health: ${Math.round(slowest)} ms`);
    expect(slowest).toBeLessThan(1_000);
  });

  test('that drips holds up nobody else, on 200 connections at once, and is cut off with a 400', {
    timeout: 90_000,
  }, async () => {
    const before = resourcesOf(stack.api);
    const senders = Array.from({ length: 200 }, () => dripping());
    await until('all are connected', () => resourcesOf(stack.api).descriptors >= before.descriptors + 200);
    for (let call = 0; call < 20; call += 1) expect((await stack.client.run(trivial)).job.result).toBe(1);
    for (const answer of await Promise.all(senders)) {
      expect(answer).toMatch(/^HTTP\/1\.1 400 .*The request took too long to arrive/s);
    }
    await until('no connection is left', () => resourcesOf(stack.api).descriptors <= before.descriptors + 5);
    expect(resourcesOf(stack.api).memory - before.memory).toBeLessThan(64 * MiB);
  });

  /** The whole answer of the API to these bytes as a body, whatever they are. */
  async function post(body: Buffer, headers: string): Promise<string> {
    const socket = open();
    socket.write(`${HEAD}${headers}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
    return await text(socket).catch(() => 'reset');
  }

  /** Sends a byte a second; resolves with what is answered. */
  async function dripping(): Promise<string> {
    const socket = open();
    socket.write(`${HEAD}Content-Length: 1000\r\n\r\n`);
    const drip = setInterval(() => socket.writable && socket.write(' '), 1_000);
    return await text(socket)
      .catch(() => 'reset')
      .finally(() => clearInterval(drip));
  }

  function open(): Socket {
    const socket = connect(Number(new URL(stack.client.url).port), '127.0.0.1');
    socket.on('error', () => undefined); // the answer, or that there is none, says it
    return socket;
  }
});

const HEAD = 'POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

/** Gzip members may follow each other, so a big bomb is a small one many times. */
function gzipBomb(): Buffer {
  const small = gzipSync(Buffer.alloc(16 * MiB), { level: 9 });
  return Buffer.concat(Array.from({ length: 256 }, () => small));
}
