/**
 * A strict JSON reader that finds where values stand without making them (law 2: `input` and `result` stay text,
 * since `JSON.parse` alters numbers and key order). One pass without recursion, so that neither the depth nor the
 * size of a value can overflow a stack or hold up the event loop.
 */
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  JsonSyntaxError,
  OPEN_BRACE,
  OPEN_BRACKET,
  refuseRest,
  scanCharacter,
  scanScalar,
  scanString,
  skipSpace,
} from './tokens.ts';

/** A JSON value kept as its own text. `depth` is the number of arrays and objects around its innermost value. */
export class RawJson {
  readonly text: string;
  readonly depth: number;
  constructor(text: string, depth: number) {
    this.text = text;
    this.depth = depth;
  }
}

/** No value may nest deeper, so that a scan needs little memory. */
const DEEPEST = 1024;
/** No object of the wire has nearly as many members, or names nearly as long. */
const MOST_MEMBERS = 100;
const LONGEST_NAME = 1024;

/** The one JSON value that `text` is, or a `JsonSyntaxError`. */
export function scanJson(text: string): RawJson {
  const start = skipSpace(text, 0);
  const { end, depth } = scanValue(text, start);
  refuseRest(text, end);
  return new RawJson(text.slice(start, end), depth);
}

/**
 * The members of the one JSON object that `text` is, each as its text; `undefined` when it is another value.
 * A name that stands there twice is an error, since one of the two would be lost; so is more than an object of the
 * wire can have.
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
    at = skipSpace(text, readMember(text, at, members));
    if (text.charCodeAt(at) === CLOSE_BRACE) break;
    at = skipSpace(text, scanCharacter(text, at, COMMA, '"," or "}"'));
  }
  refuseRest(text, at + 1);
  return members;
}

/** Adds the member that stands at `at` and returns where it ends. */
function readMember(text: string, at: number, members: Map<string, RawJson>): number {
  if (members.size === MOST_MEMBERS) throw new JsonSyntaxError(`more than ${MOST_MEMBERS} fields`, at);
  const keyEnd = scanString(text, at);
  if (keyEnd - at > LONGEST_NAME) throw new JsonSyntaxError('a name that is too long', at);
  const name: string = JSON.parse(text.slice(at, keyEnd));
  if (members.has(name)) throw new JsonSyntaxError('a field given twice', at);
  const start = scanColon(text, keyEnd);
  const { end, depth } = scanValue(text, start);
  members.set(name, new RawJson(text.slice(start, end), depth));
  return end;
}

/** From the end of a key to the start of its value. */
function scanColon(text: string, keyEnd: number): number {
  return skipSpace(text, scanCharacter(text, skipSpace(text, keyEnd), COLON, '":"'));
}

function scanValue(text: string, start: number): { end: number; depth: number } {
  const scan = new ValueScan(text, start);
  do scan.value();
  while (!scan.closeAndContinue());
  return { end: scan.at, depth: scan.depth };
}

/** Where a scan of one value stands. */
class ValueScan {
  readonly #text: string;
  at: number;
  depth = 0;
  /** For each container around the place: whether it is an object. */
  readonly #around: boolean[] = [];

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  /** Passes one scalar or empty container, with the brackets that open around it. */
  value(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.at);
      if (code !== OPEN_BRACE && code !== OPEN_BRACKET) {
        this.at = scanScalar(this.#text, this.at);
        return;
      }
      if (this.#open(code === OPEN_BRACE)) return;
    }
  }

  /** Passes the brackets that close here. True when the whole value has ended, false at the next value in it. */
  closeAndContinue(): boolean {
    while (this.#around.length > 0) {
      const inObject = this.#around[this.#around.length - 1] === true;
      this.at = skipSpace(this.#text, this.at);
      if (this.#text.charCodeAt(this.at) === COMMA) {
        this.at = skipSpace(this.#text, this.at + 1);
        if (inObject) this.#key();
        return false;
      }
      const close = inObject ? CLOSE_BRACE : CLOSE_BRACKET;
      this.at = scanCharacter(this.#text, this.at, close, inObject ? '"," or "}"' : '"," or "]"');
      this.#around.pop();
    }
    return true;
  }

  /** Passes an opening bracket up to the first value; true when the container was empty and is passed whole. */
  #open(isObject: boolean): boolean {
    const depth = this.#around.length + 1;
    if (depth > DEEPEST)
      throw new JsonSyntaxError(`more than ${DEEPEST} levels of arrays and objects`, this.at);
    if (depth > this.depth) this.depth = depth;
    this.at = skipSpace(this.#text, this.at + 1);
    if (this.#text.charCodeAt(this.at) === (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
      this.at += 1;
      return true;
    }
    this.#around.push(isObject);
    if (isObject) this.#key();
    return false;
  }

  #key(): void {
    this.at = scanColon(this.#text, scanString(this.#text, this.at));
  }
}
