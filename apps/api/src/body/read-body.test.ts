import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { oneApi } from '../testing/one-api.ts';

const api = oneApi({ MAX_STORE_MB: '500' });
const { post, refusedWith } = api;
const script = 'def main(): pass';

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
