import { type RawJson, readMembers, scanJson } from '@jobcell/shared/json';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { places } from '../support/drivers.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { expectStart } from '../support/start.ts';

/** A JSON value with the number tokens and the order of keys that its text has. */
type Value =
  | null
  | boolean
  | { integer: bigint }
  | { float: number }
  | { text: string }
  | Value[]
  | Map<string, Value>;

const anyString = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\u0000', '"\\\u2028', '\ud800', '\udfff\ud800', '__proto__', '10', '2'),
);

const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.oneof(fc.bigInt(), fc.bigInt({ min: 10n ** 300n, max: 10n ** 320n })).map((integer) => ({ integer })),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((float) => ({ float })),
    anyString.map((text) => ({ text })),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.array(fc.tuple(anyString, tie('value')), { maxLength: 6 }).map((pairs) => new Map(pairs)),
  ),
}));

function write(value: Value): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, inner]) => `${JSON.stringify(key)} : ${write(inner)}`).join(', ')}}`;
  }
  if ('text' in value) return JSON.stringify(value.text);
  if ('integer' in value) return value.integer.toString();
  if (Object.is(value.float, -0)) return '-0.0';
  const text = String(value.float);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function read(text: string): Value {
  const members = readMembers(text);
  if (members !== undefined) return new Map([...members].map(([key, raw]) => [key, read(raw.text)]));
  if (text.startsWith('[')) return items(text).map((item) => read(item.text));
  if (text.startsWith('"')) return { text: JSON.parse(text) };
  if (/^-?[0-9]+$/.test(text)) return { integer: BigInt(text) };
  return /^[-0-9]/.test(text) ? { float: Number(text) } : JSON.parse(text);
}

/** The items of an array, by making it an object: the scanner then finds where each ends. */
function items(array: string): RawJson[] {
  const found: RawJson[] = [];
  let rest = array.slice(1).trimStart();
  while (!rest.startsWith(']')) {
    const item = firstValue(rest);
    found.push(item);
    rest = rest.slice(item.text.length).trimStart().replace(/^,/, '').trimStart();
  }
  return found;
}

function firstValue(text: string): RawJson {
  try {
    return scanJson(text);
  } catch (error) {
    const end = (error as { position: number }).position;
    return scanJson(text.slice(0, end).trimEnd());
  }
}

describe.each(places)('on the $name driver, $start', ({ name, start, warm, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'a JSON value', () => {
    let stack: Stack;
    beforeAll(async () => {
      stack = await startStack({ driver: name, start, slots: 2 });
    });
    afterAll(() => stack?.stop());

    test('is tried in jails of the start that was asked for', () => expectStart(stack.client, warm));

    test('comes back from `def main(x): return x` as Python read it, and only numbers past a double become null', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyValue, { minLength: 20, maxLength: 60 }), async (values) => {
          const body = `{"script": "def main(x):\\n    return x", "input": ${write(values)}}`;
          const answer = await stack.client.post('/execute', body);
          expect(answer.status, answer.text).toBe(200);
          const result = readMembers(answer.text)?.get('result')?.text ?? '';
          expect(read(result)).toEqual(values);
        }),
        { numRuns: 40 },
      );
    });

    test.each([
      ['1.0', '1.0'],
      ['1e5', '100000.0'],
      ['-0', '0'],
      ['-0.0', '-0.0'],
      ['1e400', 'null'],
      ['-1E+400', 'null'],
      ['123456789012345678901234567890', '123456789012345678901234567890'],
      ['9'.repeat(5000), '9'.repeat(5000)],
      ['{"10": 1, "2": 2, "a": 3}', '{"10":1,"2":2,"a":3}'],
      ['"\\ud800"', '"\\ud800"'],
      ['"\\u00e9\\ud83d\\ude00"', '"é😀"'],
      ['[ ]', '[]'],
      [`${'['.repeat(199)}1${']'.repeat(199)}`, `${'['.repeat(199)}1${']'.repeat(199)}`],
    ])('%.40s comes back as %.40s', async (input, result) => {
      const body = `{"script": "def main(x):\\n    return x", "input": ${input}}`;
      const answer = await stack.client.post('/execute', body);
      expect(answer.text).toBe(`{"result":${result},"stdout":""}`);
    });
  });
});
