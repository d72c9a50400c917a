/**
 * The pieces of JSON text (RFC 8259). Each function takes the place where its piece starts and returns the place
 * after it, or throws. No regular expression: on long pieces one would take a step of memory for each character.
 */

/** Text that is not strict JSON. `position` counts UTF-16 units from 0. The message never shows the text. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly position: number;
  constructor(what: string, position: number) {
    super(`${what} at position ${position}`);
    this.position = position;
  }
}

export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const COLON = 0x3a;
export const COMMA = 0x2c;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const SIMPLE_ESCAPES = new Set(Array.from('"\\/bfnrt', (character) => character.charCodeAt(0)));

/** A string, a number, `true`, `false` or `null`. */
export function scanScalar(text: string, start: number): number {
  const code = text.charCodeAt(start);
  if (code === QUOTE) return scanString(text, start);
  if (code === MINUS || isDigit(code)) return scanNumber(text, start);
  for (const literal of ['true', 'false', 'null']) {
    if (text.startsWith(literal, start)) return start + literal.length;
  }
  throw unexpected(text, start, 'a JSON value');
}

export function scanString(text: string, start: number): number {
  if (text.charCodeAt(start) !== QUOTE) throw unexpected(text, start, 'a string');
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code < 0x20) throw new JsonSyntaxError('control character in a string', at);
    if (code === BACKSLASH) at = scanEscape(text, at + 1);
  }
  throw new JsonSyntaxError('unterminated string', start);
}

/** From the character after the backslash; returns the place of the escape's last one. */
function scanEscape(text: string, start: number): number {
  const code = text.charCodeAt(start);
  if (code !== LOWER_U) {
    if (SIMPLE_ESCAPES.has(code)) return start;
    throw new JsonSyntaxError('bad escape in a string', start);
  }
  for (let at = start + 1; at <= start + 4; at += 1) {
    if (!isHexDigit(text.charCodeAt(at))) throw new JsonSyntaxError('bad escape in a string', at);
  }
  return start + 4;
}

function scanNumber(text: string, start: number): number {
  let at = text.charCodeAt(start) === MINUS ? start + 1 : start;
  at = text.charCodeAt(at) === ZERO ? at + 1 : scanDigits(text, at);
  if (text.charCodeAt(at) === POINT) at = scanDigits(text, at + 1);
  const isExponent = (text.charCodeAt(at) | 0x20) === 0x65;
  if (!isExponent) return at;
  const sign = text.charCodeAt(at + 1);
  return scanDigits(text, sign === PLUS || sign === MINUS ? at + 2 : at + 1);
}

function scanDigits(text: string, start: number): number {
  let at = start;
  while (isDigit(text.charCodeAt(at))) at += 1;
  if (at === start) throw unexpected(text, at, 'a digit');
  return at;
}

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

function isHexDigit(code: number): boolean {
  const lower = code | 0x20;
  return isDigit(code) || (lower >= 0x61 && lower <= 0x66);
}

export function skipSpace(text: string, start: number): number {
  for (let at = start; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 0x20) return at; // nearly always, so it is asked first
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
  }
}

/** The character `code`; `wanted` names it for the error. */
export function scanCharacter(text: string, at: number, code: number, wanted: string): number {
  if (text.charCodeAt(at) !== code) throw unexpected(text, at, wanted);
  return at + 1;
}

/** Only space may follow. */
export function refuseRest(text: string, start: number): void {
  const at = skipSpace(text, start);
  if (at < text.length) throw unexpected(text, at, 'the end');
}

function unexpected(text: string, at: number, wanted: string): JsonSyntaxError {
  const what = at >= text.length ? 'unexpected end' : 'unexpected character';
  return new JsonSyntaxError(`${what}, wanted ${wanted}`, at);
}
