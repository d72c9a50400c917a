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
  type Codes,
  codeAt,
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

/** The one JSON value that `json` is, or a `JsonSyntaxError`. A buffer must be UTF-8: that is not looked at. */
export function scanJson(json: string | Buffer): RawJson {
  const codes = codesOf(json);
  const start = skipSpace(codes, 0);
  const { end, depth } = scanValue(codes, start);
  refuseRest(codes, end);
  return new RawJson(textOf(json, start, end), depth);
}

/**
 * The members of the one JSON object that `json` is, each as its text; `undefined` when it is another value.
 * A name that stands there twice is an error, since one of the two would be lost; so is more than an object of the
 * wire can have. A buffer must be UTF-8: that is not looked at.
 */
export function readMembers(json: string | Buffer): Map<string, RawJson> | undefined {
  const codes = codesOf(json);
  let at = skipSpace(codes, 0);
  if (codeAt(codes, at) !== OPEN_BRACE) {
    scanJson(json);
    return undefined;
  }
  const members = new Map<string, RawJson>();
  at = skipSpace(codes, at + 1);
  if (codeAt(codes, at) === CLOSE_BRACE) {
    refuseRest(codes, at + 1);
    return members;
  }
  for (;;) {
    at = skipSpace(codes, readMember(json, codes, at, members));
    if (codeAt(codes, at) === CLOSE_BRACE) break;
    at = skipSpace(codes, scanCharacter(codes, at, COMMA, '"," or "}"'));
  }
  refuseRest(codes, at + 1);
  return members;
}

/** Adds the member that stands at `at` and returns where it ends. */
function readMember(json: string | Buffer, codes: Codes, at: number, members: Map<string, RawJson>): number {
  if (members.size === MOST_MEMBERS) throw new JsonSyntaxError(`more than ${MOST_MEMBERS} fields`, at);
  const nameEnd = scanString(codes, at);
  if (nameEnd - at > LONGEST_NAME) throw new JsonSyntaxError('a name that is too long', at);
  const name: string = JSON.parse(textOf(json, at, nameEnd));
  if (members.has(name)) throw new JsonSyntaxError('a field given twice', at);
  const start = scanColon(codes, nameEnd);
  const { end, depth } = scanValue(codes, start);
  members.set(name, new RawJson(textOf(json, start, end), depth));
  return end;
}

function codesOf(json: string | Buffer): Codes {
  if (typeof json !== 'string') return json;
  const codes = new Uint16Array(json.length);
  Buffer.from(codes.buffer).write(json, 'utf16le');
  return codes;
}

const textOf = (json: string | Buffer, start: number, end: number): string =>
  typeof json === 'string' ? json.slice(start, end) : json.toString('utf8', start, end);

/** From the end of a name to the start of its value. */
function scanColon(codes: Codes, nameEnd: number): number {
  return skipSpace(codes, scanCharacter(codes, skipSpace(codes, nameEnd), COLON, '":"'));
}

function scanValue(codes: Codes, start: number): { end: number; depth: number } {
  const scan = new ValueScan(codes, start);
  do scan.value();
  while (!scan.closeAndContinue());
  return { end: scan.at, depth: scan.depth };
}

/** Where a scan of one value stands. */
class ValueScan {
  readonly #codes: Codes;
  at: number;
  depth = 0;
  /** For each container around the place: whether it is an object. */
  readonly #around: boolean[] = [];

  constructor(codes: Codes, at: number) {
    this.#codes = codes;
    this.at = at;
  }

  /** Passes one scalar or empty container, with the brackets that open around it. */
  value(): void {
    for (;;) {
      const code = codeAt(this.#codes, this.at);
      if (code !== OPEN_BRACE && code !== OPEN_BRACKET) {
        this.at = scanScalar(this.#codes, this.at);
        return;
      }
      if (this.#open(code === OPEN_BRACE)) return;
    }
  }

  /** Passes the brackets that close here. True when the whole value has ended, false at the next value in it. */
  closeAndContinue(): boolean {
    while (this.#around.length > 0) {
      const inObject = this.#around[this.#around.length - 1] === true;
      this.at = skipSpace(this.#codes, this.at);
      if (codeAt(this.#codes, this.at) === COMMA) {
        this.at = skipSpace(this.#codes, this.at + 1);
        if (inObject) this.#name();
        return false;
      }
      const close = inObject ? CLOSE_BRACE : CLOSE_BRACKET;
      this.at = scanCharacter(this.#codes, this.at, close, inObject ? '"," or "}"' : '"," or "]"');
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
    this.at = skipSpace(this.#codes, this.at + 1);
    if (codeAt(this.#codes, this.at) === (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
      this.at += 1;
      return true;
    }
    this.#around.push(isObject);
    if (isObject) this.#name();
    return false;
  }

  #name(): void {
    this.at = scanColon(this.#codes, scanString(this.#codes, this.at));
  }
}
