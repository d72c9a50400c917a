import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXCERPT_BYTES, excerptOf } from './excerpt.ts';

const of = (text: string) => excerptOf(Buffer.from(text));

describe('an excerpt', () => {
  it('is the text of the body', () => {
    expect(of('{"ok": true} — schön, 日本, 🙂')).toBe('{"ok": true} — schön, 日本, 🙂');
  });

  it('is nothing for a body without bytes', () => {
    expect(excerptOf(Buffer.alloc(0))).toBeNull();
  });

  it.each([
    ['a\nb\r\tc', 'a\\u000ab\\u000d\\u0009c'],
    ['\u0000\u001b[31m\u007f\u009b', '\\u0000\\u001b[31m\\u007f\\u009b'],
    ['a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['\u202eevil\u2066\u200b\u200d\u00ad\ufeff', '\\u202eevil\\u2066\\u200b\\u200d\\u00ad\\ufeff'],
    ['\ufefffirst', '\\ufefffirst'],
    ['\u3164\u115f', '\\u3164\\u115f'],
    ['\u{e0041}', '\\udb40\\udc41'],
  ])('shows what cannot be seen: %j', (text, shown) => {
    expect(of(text)).toBe(shown);
  });

  it('has U+FFFD for what is no UTF-8', () => {
    expect(excerptOf(Buffer.from([0x61, 0xff, 0xc3, 0x28, 0x62]))).toBe('a\ufffd\ufffd(b');
  });

  it('ends before a character that its cut would split, and does not replace it', () => {
    const body = `${'a'.repeat(EXCERPT_BYTES - 1)}é`;
    expect(of(body)).toBe('a'.repeat(EXCERPT_BYTES - 1));
  });

  it('does not hide that a short body breaks off inside a character', () => {
    expect(excerptOf(Buffer.from('aé').subarray(0, 2))).toBe('a\ufffd');
  });

  it('has of any bytes no character that cannot be seen, and does not read past its cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), (bytes) => {
        const shown = excerptOf(bytes);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(shown).toBe(excerptOf(bytes.subarray(0, EXCERPT_BYTES)));
        expect(shown?.length).toBeLessThanOrEqual(6 * EXCERPT_BYTES);
      }),
    );
  });
});
