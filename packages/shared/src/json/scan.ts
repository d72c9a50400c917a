/**
 * A strict JSON reader that finds where values stand without making them (law 2: `input` and `result` stay text,
 * since `JSON.parse` alters numbers and key order). Iterative, so no depth of nesting can overflow the stack.
 */

/** Text that is not strict JSON (RFC 8259). `position` counts UTF-16 units from 0. */
export class JsonSyntaxError extends Error {
  readonly position: number;
  constructor(what: string, position: number) {
    super(`${what} at position ${position}`);
    this.name = 'JsonSyntaxError';
    this.position = position;
  }
}

/** A JSON value kept as its own text. `depth` is the number of arrays and objects around its innermost value. */
export class RawJson {
  readonly text: string;
  readonly depth: number;
  constructor(text: string, depth: number) {
    this.text = text;
    this.depth = depth;
  }
}

/** The one JSON value that `text` is, or a `JsonSyntaxError`. */
export function scanJson(text: string): RawJson {
  const start = skipSpace(text, 0);
  const { end, depth } = scanValue(text, start);
  refuseRest(text, end);
  return new RawJson(text.slice(start, end), depth);
}

/**
 * The members of the one JSON object that `text` is, each as its text; `undefined` when it is another value.
 * A name that stands there twice is an error, since one of the two would be lost.
 */
export function readMembers(text: string): Map<string, RawJson> | undefined {
  let at = skipSpace(text, 0);
  if (text.charCodeAt(at) !== OPEN_BRACE) {
    scanJson(text);
    return undefined;
  }
  const members = new Map<string, RawJson>();
  at = skipSpace(text, at + 1);
  if (text.charCodeAt(at) === CLOSE_BRACE) {
    refuseRest(text, at + 1);
    return members;
  }
  for (;;) {
    const keyEnd = scanString(text, at);
    const name: string = JSON.parse(text.slice(at, keyEnd));
    if (members.has(name)) throw new JsonSyntaxError(`field ${JSON.stringify(name)} given twice`, at);
    const start = skipSpace(text, expect(text, skipSpace(text, keyEnd), COLON, '":"'));
    const { end, depth } = scanValue(text, start);
    members.set(name, new RawJson(text.slice(start, end), depth));
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === CLOSE_BRACE) break;
    at = skipSpace(text, expect(text, at, COMMA, '"," or "}"'));
  }
  refuseRest(text, at + 1);
  return members;
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;

/** Scans one value of any depth: `open` remembers, for each container around the place, whether it is an object. */
function scanValue(text: string, start: number): { end: number; depth: number } {
  const open: boolean[] = [];
  let depth = 0;
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      const inObject = code === OPEN_BRACE;
      at = skipSpace(text, at + 1);
      if (text.charCodeAt(at) !== (inObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
        open.push(inObject);
        depth = Math.max(depth, open.length);
        if (inObject) at = scanKey(text, at);
        continue;
      }
      depth = Math.max(depth, open.length + 1);
      at += 1;
    } else {
      at = scanScalar(text, at, code);
    }
    const next = closeOrContinue(text, at, open);
    at = next.at;
    if (next.done) return { end: at, depth };
  }
}

/** After a value: closes the containers that end here, and stands at the next value, or at the end of the outermost. */
function closeOrContinue(text: string, from: number, open: boolean[]): { at: number; done: boolean } {
  let at = from;
  while (open.length > 0) {
    const inObject = open[open.length - 1] === true;
    at = skipSpace(text, at);
    const code = text.charCodeAt(at);
    if (code === COMMA) {
      at = skipSpace(text, at + 1);
      return { at: inObject ? scanKey(text, at) : at, done: false };
    }
    expect(text, at, inObject ? CLOSE_BRACE : CLOSE_BRACKET, inObject ? '"," or "}"' : '"," or "]"');
    open.pop();
    at += 1;
  }
  return { at, done: true };
}

function scanKey(text: string, at: number): number {
  return skipSpace(text, expect(text, skipSpace(text, scanString(text, at)), COLON, '":"'));
}

function scanScalar(text: string, at: number, code: number): number {
  if (code === QUOTE) return scanString(text, at);
  const pattern = code === 0x2d || (code >= 0x30 && code <= 0x39) ? NUMBER : LITERAL;
  pattern.lastIndex = at;
  if (!pattern.test(text)) throw unexpected(text, at, 'a JSON value');
  return pattern.lastIndex;
}

function scanString(text: string, start: number): number {
  if (text.charCodeAt(start) !== QUOTE) throw unexpected(text, start, 'a string');
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code < 0x20) throw new JsonSyntaxError('control character in a string', at);
    if (code !== BACKSLASH) continue;
    ESCAPE.lastIndex = at + 1;
    if (!ESCAPE.test(text)) throw new JsonSyntaxError('bad escape in a string', at);
    at = ESCAPE.lastIndex - 1;
  }
  throw new JsonSyntaxError('unterminated string', start);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at += 1;
  }
}

function refuseRest(text: string, end: number): void {
  const at = skipSpace(text, end);
  if (at < text.length) throw unexpected(text, at, 'the end');
}

function expect(text: string, at: number, code: number, wanted: string): number {
  if (text.charCodeAt(at) !== code) throw unexpected(text, at, wanted);
  return at + 1;
}

/** Names the place but never shows the text: it is the caller's data and may reach a log. */
function unexpected(text: string, at: number, wanted: string): JsonSyntaxError {
  return new JsonSyntaxError(
    at >= text.length ? `unexpected end, wanted ${wanted}` : `unexpected character, wanted ${wanted}`,
    at,
  );
}
