import { limits } from '@jobcell/shared/contract';
import { describe, expect, test } from 'vitest';
import { oneApi } from '../testing/one-api.ts';

const api = oneApi({ MAX_STORE_MB: '500' });
const { post, refusedWith } = api;
const script = 'def main(): pass';

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
    [{ script, timeout: 5, prio: 'low' }, '"timeout" is not known here; "prio" is not known here.'],
    [
      { script, priority: 'urgent' },
      'priority must be "high" or "normal" or "low"; it is a string of 6 characters.',
    ],
    [{ script, delay_ms: -1 }, 'delay_ms must be at least 0; it is -1.'],
    [{ script, delay_ms: 2_592_000_001 }, 'delay_ms must be at most 2592000000; it is 2592000001.'],
    [{ script, ttl_ms: 0 }, 'ttl_ms must be at least 1; it is 0.'],
    [{ script, ttl_ms: 1.5 }, 'ttl_ms must be a whole number; it is 1.5.'],
    [{ script, delay_ms: 10, ttl_ms: 10 }, 'ttl_ms must be greater than delay_ms; it is 10.'],
    [{ script, retention_ms: 3_600_001 }, 'retention_ms must be at most 3600000; it is 3600001.'],
    [{ script, metadata: null }, 'metadata must be an object of strings; it is null.'],
    [{ script, metadata: [] }, 'metadata must be an object of strings; it is an array.'],
    [{ script, metadata: { a: 'b', n: 5 } }, 'metadata.n must be a string; it is 5.'],
    [
      { script, metadata: { deep: { er: {} } } },
      'metadata must be an object of strings; it is 18 characters of JSON, 3 levels deep.',
    ],
    [
      { script, metadata: { a: 'é'.repeat(2_100) } },
      'metadata must be at most 4096 bytes of JSON; it is an object.',
    ],
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
