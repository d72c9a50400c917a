import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { limits } from '@jobcell/shared/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../../../../tests/support/redis.ts';
import { until } from '../../../../tests/support/until.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { type Answer, problemOf } from '../testing/caller.ts';

let redis: TestRedis;
let api: TestApi;

beforeAll(async () => {
  redis = await startRedis();
  api = await startApi(redis.url, { MAX_STORE_MB: '500' });
  await until('the API is connected', async () => (await api.call.get('/ready')).text.includes('worker'));
});
afterAll(async () => {
  await api.close();
  await redis.stop();
});

const post = (body: unknown, headers = {}): Promise<Answer> => api.call.post('/jobs', body, headers);
const script = 'def main(): pass';

async function refusedWith(code: string, body: unknown, headers = {}): Promise<string> {
  const problem = problemOf(await post(body, headers));
  expect(problem.code).toBe(code);
  return problem.detail;
}

describe('a field', () => {
  test.each([
    [{}, 'script is missing.'],
    [{ script: '' }, 'script must not be empty; it is a string of 0 characters.'],
    [{ script: 5 }, 'script must be a string; it is 5.'],
    [{ script: null }, 'script must be a string; it is null.'],
    [{ script: [] }, 'script must be a string; it is an array.'],
    [{ script: 'a\ud800' }, 'script must not have a lone surrogate; it is a string of 2 characters.'],
    [{ script, timeout_ms: 99 }, 'timeout_ms must be at least 100; it is 99.'],
    [{ script, timeout_ms: 30_001 }, 'timeout_ms must be at most 30000; it is 30001.'],
    [{ script, timeout_ms: 100.5 }, 'timeout_ms must be a whole number; it is 100.5.'],
    [{ script, timeout_ms: '500' }, 'timeout_ms must be a whole number; it is a string of 3 characters.'],
    [{ script, memory_mb: 31 }, 'memory_mb must be at least 32; it is 31.'],
    [{ script, memory_mb: 1025 }, 'memory_mb must be at most 1024; it is 1025.'],
    [{ script, memory_mb: null }, 'memory_mb must be a whole number; it is null.'],
    [{ script, memory_mb: true }, 'memory_mb must be a whole number; it is a boolean.'],
    [{ script, timeout: 5, priority: 'low' }, '"timeout" is not known here; "priority" is not known here.'],
    [
      { timeout_ms: 1, memory_mb: 1, x: 1 },
      'script is missing; timeout_ms must be at least 100; it is 1; memory_mb must be at least 32; it is 1; "x" is not known here.',
    ],
  ])('that breaks its rule is named with it: %j', async (body, detail) => {
    expect(await refusedWith('invalid_request', body)).toBe(detail);
  });

  test.each([
    { script },
    { script: 'x', timeout_ms: 100, memory_mb: 32 },
    { script: 'x', timeout_ms: 30_000, memory_mb: 1024, input: null },
    { script: 'x', input: false },
    { script: '\u{1f600}'.repeat(limits.scriptBytes / 4) },
  ])('that keeps its rule is accepted', async (body) => {
    expect((await post(body)).status).toBe(202);
  });

  test('is never shown by its value, only its name is, and that is cut', async () => {
    const detail = await refusedWith('invalid_request', {
      script,
      timeout_ms: 'hunter2',
      ['k'.repeat(5_000)]: 'hunter2',
    });
    expect(detail).not.toContain('hunter2');
    expect(detail.length).toBeLessThan(300);
  });

  test('that is one of a hundred wrong ones does not make the answer long', async () => {
    const body = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`field${i}`, i]));
    const detail = await refusedWith('invalid_request', { script, ...body });
    expect(detail).toMatch(/and 80 more\.$/);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'called %s is unknown like any other',
    async (name) => {
      const detail = await refusedWith('invalid_request', `{"script":"x",${JSON.stringify(name)}:1}`);
      expect(detail).toBe(`"${name}" is not known here.`);
    },
  );

  test.each([
    ['deep', `${'['.repeat(1_000)}${']'.repeat(1_000)}`, '2000 characters of JSON, 1000 levels deep'],
    ['long', `[${'1,'.repeat(2_000_000)}1]`, '4000003 characters of JSON, 1 levels deep'],
    ['a long number', '1'.repeat(4_000_000), '4000000 characters of JSON, 0 levels deep'],
  ])('that is %s is refused before it is parsed', async (_, value, shown) => {
    const detail = await refusedWith('invalid_request', `{"script":"x","timeout_ms":${value}}`);
    expect(detail).toBe(`timeout_ms must be a whole number; it is ${shown}.`);
  });

  test('may be a script of 256 KiB that is all escapes, but not of one byte more', async () => {
    const escaped = (bytes: number) => `{"script":"${'\\u0041'.repeat(bytes)}"}`;
    expect((await post(escaped(limits.scriptBytes))).status).toBe(202);
    const detail = await refusedWith('invalid_request', escaped(limits.scriptBytes + 1));
    expect(detail).toBe('script must be at most 262144 bytes of UTF-8; it is a string of 262145 characters.');
  });
});

describe('input', () => {
  const nested = (levels: number) => `{"script":"x","input":${'['.repeat(levels)}${']'.repeat(levels)}}`;

  test('of 200 levels is accepted, of 201 refused', async () => {
    expect((await post(nested(200))).status).toBe(202);
    expect(await refusedWith('invalid_request', nested(201))).toContain(
      'input must not nest deeper than 200',
    );
  });

  test('of 4 MiB is accepted, of one byte more refused', async () => {
    const sized = (bytes: number) => `{"script":"x","input":"${'a'.repeat(bytes - 2)}"}`;
    expect((await post(sized(limits.jsonBytes))).status).toBe(202);
    expect(await refusedWith('invalid_request', sized(limits.jsonBytes + 1))).toContain(
      'input must be at most 4194304 bytes',
    );
  });

  test('is counted in bytes of UTF-8, not in characters', async () => {
    const body = `{"script":"x","input":"${'é'.repeat(limits.jsonBytes / 2)}"}`;
    expect(await refusedWith('invalid_request', body)).toContain('input must be at most');
  });
});

describe('a body', () => {
  test.each([
    ['', 'The body is empty'],
    ['[]', 'The body must be a JSON object.'],
    ['"x"', 'The body must be a JSON object.'],
    ['{"script":"x"', 'unexpected end, wanted "," or "}" at position 13'],
    ['{"script":"x"}}', 'unexpected character, wanted the end at position 14'],
    ["{'script':'x'}", 'wanted a string at position 1'],
    ['{"script":"x","script":"y"}', 'a field given twice at position 14'],
    ['{"script":"x","input":01}', 'at position 23'],
    ['{"script":"x","input":NaN}', 'wanted a JSON value at position 22'],
    ['\ufeff{"script":"x"}', 'at position 0'],
    [Buffer.from('{"script":"\xff"}', 'latin1'), 'The body is not UTF-8.'],
    [Buffer.from('{"script":"x\xed\xa0\x80"}', 'latin1'), 'The body is not UTF-8.'],
  ])('that is not one JSON object is invalid_request: %s', async (body, detail) => {
    expect(await refusedWith('invalid_request', body)).toContain(detail);
  });

  test('of 1,000,000 brackets is refused without holding up the event loop', async () => {
    const stall = watchEventLoop();
    expect(await refusedWith('invalid_request', '['.repeat(1_000_000))).toContain('1024 levels');
    expect(await refusedWith('invalid_request', `{"input":${'['.repeat(1_000_000)}`)).toContain(
      '1024 levels',
    );
    expect(stall()).toBeLessThan(100);
  });

  test.each([
    'text/plain',
    'application/json; charset=latin1',
    'application/json, text/plain',
    'application/problem+json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
  ])('of the type %j is unsupported_media_type', async (type) => {
    await refusedWith('unsupported_media_type', { script }, { 'Content-Type': type });
  });

  test.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json;charset=UTF-8',
    'application/json ; charset="utf-8"',
  ])('of the type %s is read', async (type) => {
    expect((await post({ script }, { 'Content-Type': type })).status).toBe(202);
  });

  test('that is compressed is unsupported_media_type and is not inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    await refusedWith('unsupported_media_type', bomb, { 'Content-Encoding': 'gzip' });
    await refusedWith('unsupported_media_type', bomb, { 'Content-Encoding': 'identity, gzip' });
  });

  test('with Content-Encoding identity is read', async () => {
    expect((await post({ script }, { 'Content-Encoding': 'identity' })).status).toBe(202);
  });
});

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

  test('are the limit at once when Content-Length says more, before any byte was sent', async () => {
    const socket = connect(api.call.port, '127.0.0.1');
    socket.write(`${head}Content-Length: 99999999999\r\n\r\n`);
    const started = performance.now();
    const answered = await new Promise((resolve) => socket.once('data', (data) => resolve(String(data))));
    expect(answered).toContain('HTTP/1.1 413');
    expect(performance.now() - started).toBeLessThan(500);
    socket.destroy();
  });

  test('are not passed by a Content-Length beside chunks: such a request is no HTTP', async () => {
    const answer = await api.call.raw(
      `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"invalid_request"');
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

  const head = 'POST /jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
});

/** Returns the longest time that the event loop stood still until the call, in milliseconds. */
function watchEventLoop(): () => number {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}
