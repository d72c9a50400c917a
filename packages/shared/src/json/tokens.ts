/**
 * The pieces of JSON text (RFC 8259), as character codes. Each function takes the place where its piece starts and
 * returns the place after it, or throws. Codes and not a string: where any module extends `String` (ioredis does),
 * V8 no longer inlines `charCodeAt`, and a scan takes five times as long.
 */

/** Text that is not strict JSON. `position` counts what was scanned: bytes, or UTF-16 units of a string, from 0. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly position: number;
  constructor(what: string, position: number) {
    super(`${what} at position ${position}`);
    this.position = position;
  }
}

/** UTF-8 or UTF-16: all that means something in JSON is ASCII and the same in both. */
export type Codes = Uint8Array | Uint16Array;

const codesOf = (characters: string): number[] => Array.from(characters, (one) => one.charCodeAt(0));

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const SIMPLE_ESCAPES = new Set(codesOf('"\\/bfnrt'));
const LITERALS = ['true', 'false', 'null'].map(codesOf);
/** Stands where there is no more code. */
const END = -1;

export const OPEN_BRACE = 0x7b;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACE = 0x7d;
export const CLOSE_BRACKET = 0x5d;
export const COLON = 0x3a;
export const COMMA = 0x2c;

/** The code at a place, or `END` past the last. */
export const codeAt = (codes: Codes, at: number): number => codes[at] ?? END;

/** A string, a number, `true`, `false` or `null`. */
export function scanScalar(codes: Codes, start: number): number {
  const code = codeAt(codes, start);
  if (code === QUOTE) return scanString(codes, start);
  if (code === MINUS || isDigit(code)) return scanNumber(codes, start);
  for (const literal of LITERALS) {
    if (literal.every((wanted, index) => codeAt(codes, start + index) === wanted))
      return start + literal.length;
  }
  throw unexpected(codes, start, 'a JSON value');
}

export function scanString(codes: Codes, start: number): number {
  if (codeAt(codes, start) !== QUOTE) throw unexpected(codes, start, 'a string');
  for (let at = start + 1; at < codes.length; at += 1) {
    const code = codeAt(codes, at);
    if (code === QUOTE) return at + 1;
    if (code < 0x20) throw new JsonSyntaxError('control character in a string', at);
    if (code === BACKSLASH) at = scanEscape(codes, at + 1);
  }
  throw new JsonSyntaxError('unterminated string', start);
}

/** From the character after the backslash; returns the place of the escape's last one. */
function scanEscape(codes: Codes, start: number): number {
  const code = codeAt(codes, start);
  if (code !== LOWER_U) {
    if (SIMPLE_ESCAPES.has(code)) return start;
    throw new JsonSyntaxError('bad escape in a string', start);
  }
  for (let at = start + 1; at <= start + 4; at += 1) {
    if (!isHexDigit(codeAt(codes, at))) throw new JsonSyntaxError('bad escape in a string', at);
  }
  return start + 4;
}

function scanNumber(codes: Codes, start: number): number {
  let at = codeAt(codes, start) === MINUS ? start + 1 : start;
  at = codeAt(codes, at) === ZERO ? at + 1 : scanDigits(codes, at);
  if (codeAt(codes, at) === POINT) at = scanDigits(codes, at + 1);
  const isExponent = (codeAt(codes, at) | 0x20) === 0x65;
  if (!isExponent) return at;
  const sign = codeAt(codes, at + 1);
  return scanDigits(codes, sign === PLUS || sign === MINUS ? at + 2 : at + 1);
}

function scanDigits(codes: Codes, start: number): number {
  let at = start;
  while (isDigit(codeAt(codes, at))) at += 1;
  if (at === start) throw unexpected(codes, at, 'a digit');
  return at;
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

function isHexDigit(code: number): boolean {
  const lower = code | 0x20;
  return isDigit(code) || (lower >= 0x61 && lower <= 0x66);
}

export function skipSpace(codes: Codes, start: number): number {
  for (let at = start; ; at += 1) {
    const code = codeAt(codes, at);
    if (code > 0x20) return at; // nearly always, so it is asked first
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
  }
}

/** The character `code`; `wanted` names it for the error. */
export function scanCharacter(codes: Codes, at: number, code: number, wanted: string): number {
  if (codeAt(codes, at) !== code) throw unexpected(codes, at, wanted);
  return at + 1;
}

/** Only space may follow. */
export function refuseRest(codes: Codes, start: number): void {
  const at = skipSpace(codes, start);
  if (at < codes.length) throw unexpected(codes, at, 'the end');
}

/** Names the place but never shows what stands there: it is the caller's data and may reach a log. */
function unexpected(codes: Codes, at: number, wanted: string): JsonSyntaxError {
  const what = at >= codes.length ? 'unexpected end' : 'unexpected character';
  return new JsonSyntaxError(`${what}, wanted ${wanted}`, at);
}
