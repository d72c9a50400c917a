import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drivers } from '../support/drivers.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { cpuMsOf } from './resources.ts';

const driver = drivers.find(({ name }) => name === 'process');
const TIMES = 10;
const MOST_CPU_MS = 50;
const KiB = 1024;

/** What makes patterns, parsers and decoders slow: each fills the length asked for. */
const shapes: Record<string, (length: number) => string> = {
  'one letter': (length) => 'a'.repeat(length),
  'letters and a stop': (length) => `${'a'.repeat(length - 1)}!`,
  spaces: (length) => `${' '.repeat(length - 1)}x`,
  tabs: (length) => `${'\t'.repeat(length - 1)}x`,
  digits: (length) => '9'.repeat(length),
  'digits and dashes': (length) => '0-'.repeat(length / 2),
  commas: (length) => ',;='.repeat(length / 3),
  quotes: (length) => '"'.repeat(length),
  backslashes: (length) => '\\'.repeat(length),
  slashes: (length) => '/../'.repeat(length / 4),
  percents: (length) => '%25'.repeat(length / 3),
};

describe.skipIf(driver?.skip !== null)(driver?.skip ?? 'a long crafted string', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ driver: 'process', slots: 1 });
    for (let call = 0; call < 20; call += 1) await stack.client.run({ script: 'def main(): return 1' }); // warm
  });
  afterAll(() => stack?.stop());

  const fetchRaw = (path: string, init: RequestInit) =>
    fetch(stack.client.url + path, init).then((answer) => answer.text());
  const post = (body: object, headers: Record<string, string> = {}) =>
    fetchRaw('/jobs', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  const script = 'def main(): return 1';
  const encode = (text: string) => encodeURIComponent(text);

  const places: Record<string, { length: number; send: (text: string) => Promise<unknown> }> = {
    'as a script to check': { length: 200 * KiB, send: (text) => post({ script: text, unknown: 1 }) },
    'as the name of a field': { length: 200 * KiB, send: (text) => post({ script, [text]: 1 }) },
    'as a number': { length: 200 * KiB, send: (text) => post({ script, timeout_ms: text }) },
    'as an input beside an error': {
      length: 200 * KiB,
      send: (text) => post({ script, input: text, memory_mb: 1 }),
    },
    'as the type of the body': {
      length: 8 * KiB,
      send: (text) => post({ script }, { 'content-type': `application/json;${text}` }),
    },
    'as its encoding': { length: 8 * KiB, send: (text) => post({ script }, { 'content-encoding': text }) },
    'as a request id': {
      length: 8 * KiB,
      send: (text) => fetchRaw('/health', { headers: { 'x-request-id': text } }),
    },
    'as an origin': { length: 8 * KiB, send: (text) => fetchRaw('/health', { headers: { origin: text } }) },
    'as an id': {
      length: 8 * KiB,
      send: (text) => fetchRaw(`/jobs/${text.replaceAll(/[\s?#"\\]/g, 'x')}`, {}),
    },
    'as a path': { length: 8 * KiB, send: (text) => fetchRaw(`/${text.replaceAll(/[\s?#"\\]/g, 'x')}`, {}) },
    'as wait_ms': { length: 4 * KiB, send: (text) => fetchRaw(`/jobs/x?wait_ms=${encode(text)}`, {}) },
    'as the name of a parameter': {
      length: 4 * KiB,
      send: (text) => fetchRaw(`/jobs/x?${encode(text)}=1`, {}),
    },
  };

  test.each(Object.entries(places))(
    `%s costs the API less than ${MOST_CPU_MS} ms, whatever its shape`,
    async (_, { length, send }) => {
      const costs: [string, number][] = [];
      for (const [shape, make] of Object.entries(shapes)) {
        const text = make(length);
        const before = cpuMsOf(stack.api);
        for (let time = 0; time < TIMES; time += 1) await send(text).catch(() => 'refused by the client');
        costs.push([shape, (cpuMsOf(stack.api) - before) / TIMES]);
      }
      expect(costs.filter(([, cpuMs]) => cpuMs >= MOST_CPU_MS)).toEqual([]);
    },
  );

  test('as a Host is refused as cheaply', async () => {
    const { connect } = await import('node:net');
    const port = Number(new URL(stack.client.url).port);
    const before = cpuMsOf(stack.api);
    for (const make of Object.values(shapes)) {
      const socket = connect(port, '127.0.0.1');
      const answered = new Promise<string>((resolve) => {
        socket.once('data', (data) => resolve(String(data))).on('error', () => resolve('reset'));
      });
      socket.write(`GET /health HTTP/1.1\r\nHost: ${make(8 * KiB)}\r\nConnection: close\r\n\r\n`);
      expect(await answered).toMatch(/^HTTP\/1\.1 40[03] /);
      socket.destroy();
    }
    expect((cpuMsOf(stack.api) - before) / Object.keys(shapes).length).toBeLessThan(MOST_CPU_MS);
  });
});
