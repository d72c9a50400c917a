import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LiveText } from './live-text.ts';

/** Bytes as scripts write them: text of all lengths of characters, cut anywhere, and bytes that are none. */
const bytes = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
      fc.string({ unit: 'binary', minLength: 1 }).map((text) => Buffer.from(text).subarray(0, -1)),
      fc.uint8Array({ maxLength: 8 }).map((part) => Buffer.from(part)),
      fc.constantFrom([0xef, 0xbb, 0xbf], [0xed, 0xa0, 0x80], [0xf0, 0x9f], [0xc0, 0x80]).map(Buffer.from),
    ),
  )
  .map((parts) => Buffer.concat(parts));

test('what was said is the beginning of the whole, wherever it was split, and lacks at most one character', () => {
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(12)), (whole, lengths) => {
      const live = new LiveText();
      const expected = whole.toString('utf8');
      let said = '';
      for (let at = 0, turn = 0; at < whole.length; turn += 1) {
        const length = lengths[turn] ?? whole.length;
        said += live.push('stdout', whole.subarray(at, at + length));
        at += length;
        expect(expected.startsWith(said)).toBe(true);
      }
      expect([...expected].length - [...said].length).toBeLessThanOrEqual(3);
    }),
    { numRuns: 2_000 },
  );
});

test('two streams do not complete one another', () => {
  const live = new LiveText();
  const [first, ...rest] = Buffer.from('é');
  expect(live.push('stdout', Buffer.from([first ?? 0]))).toBe('');
  expect(live.push('stderr', Buffer.from('a'))).toBe('a');
  expect(live.push('stdout', Buffer.from(rest))).toBe('é');
});
