import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonSyntaxError, readMembers, scanJson } from './index.ts';

/** A JSON value as text, with spaces and escapes that `JSON.stringify` alone would not write. */
const jsonText = fc
  .tuple(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t', '\r\n'))
  .map(([value, indent]) => JSON.stringify(value, null, indent));

/** Text that is nearly JSON: a valid one with one character dropped, doubled or replaced. */
const brokenText = fc
  .tuple(
    jsonText,
    fc.nat(),
    fc.constantFrom('', '"', '\\', '0', '.', 'e', '-', '{', ']', ',', ':', '\u0001', ' '),
  )
  .map(([text, place, character]) => {
    const at = place % (text.length + 1);
    return text.slice(0, at) + character + text.slice(at + (place % 2));
  });

/** What `scan` gives, or the kind of its error: places differ between bytes and characters. */
function outcomeOf(scan: () => unknown): unknown {
  try {
    return scan();
  } catch (error) {
    expect(error).toBeInstanceOf(JsonSyntaxError);
    return (error as Error).message.replace(/ at position \d+$/, '');
  }
}

function accepts(text: string): boolean {
  try {
    scanJson(text);
    return true;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return false;
    throw error;
  }
}

function acceptedByParse(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('scanJson', () => {
  test('keeps the text of any JSON value as it is, without the space around it', () => {
    fc.assert(fc.property(jsonText, (text) => scanJson(` \n${text}\t `).text === text));
  });

  test('reads the bytes of a text as it reads the text', () => {
    fc.assert(
      fc.property(fc.oneof(jsonText, brokenText), (text) => {
        const bytes = Buffer.from(text);
        expect(outcomeOf(() => scanJson(bytes))).toEqual(outcomeOf(() => scanJson(text)));
        expect(outcomeOf(() => readMembers(bytes))).toEqual(outcomeOf(() => readMembers(text)));
      }),
    );
  });

  test('accepts what JSON.parse accepts, and refuses what it refuses', () => {
    fc.assert(
      fc.property(
        fc.oneof(jsonText, brokenText, fc.string()),
        (text) => accepts(text) === acceptedByParse(text),
      ),
      { numRuns: 5_000 },
    );
  });

  test.each([
    '1',
    '-0',
    '0.5',
    '1e5',
    '1E+05',
    '-1.25e-7',
    '12345678901234567890123',
    'true',
    'null',
    '"\\u00e9\\n"',
  ])('accepts %s', (text) => expect(scanJson(text)).toEqual({ text, depth: 0 }));

  test.each([
    '',
    ' ',
    '01',
    '+1',
    '.5',
    '1.',
    '1e',
    '1e+',
    '-',
    '--1',
    'NaN',
    'Infinity',
    'True',
    'nul',
    "'a'",
    '"a',
    '"\\x"',
    '"\\u12g4"',
    '"\n"',
    '[1,]',
    '[,1]',
    '[1 2]',
    '{"a":1,}',
    '{a:1}',
    '{"a" 1}',
    '{"a":}',
    '[',
    '{',
    ']',
    '[}',
    '1 2',
    '\ufeff1',
  ])('refuses %j', (text) => expect(() => scanJson(text)).toThrow(JsonSyntaxError));

  test.each([
    ['1', 0],
    ['[]', 1],
    ['{}', 1],
    ['[1,[2,{"a":[3]}],[]]', 4],
    [`${'['.repeat(1024)}${']'.repeat(1024)}`, 1024],
  ])('counts the arrays and objects around the innermost value of %.30s', (text, depth) => {
    expect(scanJson(text).depth).toBe(depth);
  });

  test('refuses more than 1,024 levels at once, whatever follows', () => {
    expect(() => scanJson('['.repeat(1_000_000))).toThrow(/1024 levels .* position 1024/);
    expect(() => scanJson('{"a":'.repeat(1_000_000))).toThrow(/1024 levels/);
  });

  test('names the place of an error, never the text that stands there', () => {
    expect(() => scanJson('{"a": hunter2}')).toThrow(
      'unexpected character, wanted a JSON value at position 6',
    );
    expect(() => scanJson('[1')).toThrow('unexpected end, wanted "," or "]" at position 2');
  });
});

describe('readMembers', () => {
  test('gives each member of any object as its own text', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), jsonText, { maxKeys: 20 }), (texts) => {
        const entries = Object.entries(texts);
        const text = `{${entries.map(([name, value]) => `${JSON.stringify(name)} : ${value} `).join(',')}}`;
        const members = readMembers(text);
        expect([...(members ?? [])].map(([name, raw]) => [name, raw.text])).toEqual(entries);
      }),
    );
  });

  test('keeps numbers and key order that JSON.parse would alter', () => {
    const input = '{"2":12345678901234567890,"1":1.0}';
    expect(readMembers(`{"input": ${input}}`)?.get('input')?.text).toBe(input);
  });

  test('takes a member called __proto__ for one like any other', () => {
    expect(readMembers('{"__proto__":1}')?.get('__proto__')?.text).toBe('1');
  });

  test('refuses a name that stands there twice, however it is written, without repeating it', () => {
    expect(() => readMembers('{"a":1,"\\u0061":2}')).toThrow('a field given twice at position 7');
  });

  test('refuses more than 100 members', () => {
    const members = (count: number) => `{${Array.from({ length: count }, (_, i) => `"${i}":0`).join(',')}}`;
    expect(readMembers(members(100))?.size).toBe(100);
    expect(() => readMembers(members(101))).toThrow('more than 100 fields');
  });

  test('refuses a name of more than 1,024 characters', () => {
    expect(readMembers(`{"${'a'.repeat(1_000)}":0}`)?.size).toBe(1);
    expect(() => readMembers(`{"${'a'.repeat(1_025)}":0}`)).toThrow('a name that is too long at position 1');
  });

  test('is undefined for JSON that is no object', () => {
    expect(readMembers(' [{}]')).toBeUndefined();
  });

  test('refuses text that is not JSON', () => {
    expect(() => readMembers('{"a":1}}')).toThrow(JsonSyntaxError);
    expect(() => readMembers('{"a":1')).toThrow(JsonSyntaxError);
    expect(() => readMembers('[1')).toThrow(JsonSyntaxError);
  });
});

/** ioredis extends `String`, which makes V8 read characters of strings slowly: see `tokens.ts`. */
class Extended extends String {}

test.each([
  ['digits', `{"a":${'1'.repeat(5_000_000)}}`],
  ['escapes', `{"a":"${'\\n'.repeat(2_500_000)}"}`],
  ['empty arrays', `{"a":[${'[],'.repeat(1_700_000)}0]}`],
  ['brackets', '['.repeat(5_000_000)],
  ['space', `{${' '.repeat(5_000_000)}}`],
])('5 MB of %s is scanned in well under the time of a noticeable stall', (_, text) => {
  const bytes = Buffer.from(text);
  expect(new Extended(text)).toHaveLength(text.length);
  const started = performance.now();
  try {
    readMembers(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(JsonSyntaxError);
  }
  expect(performance.now() - started).toBeLessThan(500); // 20 to 100 ms on an idle core; the bound allows a busy one
});
