import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatKey, hashOf, isSecretOf, newKeyText, parseKey } from './key-text.ts';

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''));
const keyText = fc.record({ id: hex(32), secret: hex(48) });

test('a key has 128 bits of id and 192 of secret, new ones each time', () => {
  const keys = Array.from({ length: 1_000 }, newKeyText);
  expect(new Set(keys.map(({ id }) => id)).size).toBe(1_000);
  expect(new Set(keys.map(({ secret }) => secret)).size).toBe(1_000);
  expect(formatKey(keys[0] ?? { id: '', secret: '' })).toMatch(/^jobcell_[0-9a-f]{32}_[0-9a-f]{48}$/);
});

test('a key that is written is read as what it is', () => {
  fc.assert(
    fc.property(keyText, (key) => {
      expect(parseKey(formatKey(key))).toEqual(key);
    }),
  );
});

test('a key that is changed anywhere is another key or none', () => {
  const changed = fc.tuple(keyText, fc.nat(88), fc.string({ maxLength: 2 }));
  fc.assert(
    fc.property(changed, ([key, at, piece]) => {
      const text = formatKey(key);
      const other = text.slice(0, at) + piece + text.slice(at + 1);
      fc.pre(other !== text);
      expect(parseKey(other)).not.toEqual(key);
    }),
  );
});

test('any other text is no key', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseKey(text)).toBeNull();
    }),
  );
});

test('a secret fits its own hash and no other', () => {
  fc.assert(
    fc.property(hex(48), hex(48), (one, other) => {
      expect(isSecretOf(one, hashOf(one))).toBe(true);
      expect(isSecretOf(one, hashOf(other))).toBe(one === other);
    }),
  );
});
