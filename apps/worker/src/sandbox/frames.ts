/**
 * The messages between worker and supervisor: u32be header bytes, u32be body bytes, the header (a JSON object in
 * UTF-8), the body. `header.parts` (name → bytes, in order) says how the body splits.
 */

/** Bytes that are no message: nothing after them can be understood. The message holds no byte of what came. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

export type Frame = { header: Record<string, unknown>; parts: Map<string, Buffer> };

/** One message as pieces to write in order; parts are not copied. */
export function encodeFrame(
  header: Record<string, unknown>,
  parts: [name: string, bytes: Buffer][] = [],
): Buffer[] {
  const lengths = Object.fromEntries(parts.map(([name, bytes]) => [name, bytes.length]));
  const text = Buffer.from(JSON.stringify(parts.length === 0 ? header : { ...header, parts: lengths }));
  const body = parts.map(([, bytes]) => bytes);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(text.length, 0);
  prefix.writeUInt32BE(sum(Object.values(lengths)), 4);
  return [prefix, text, ...body];
}

/** Takes bytes as they come, split anywhere. */
export class FrameDecoder {
  #chunks: Buffer[] = [];
  #held = 0;
  #awaited: { headerBytes: number; bodyBytes: number } | undefined;

  /** The messages that are whole now. Throws a `FrameError` as soon as the bytes can be no message. */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    if (this.#awaited === undefined) {
      if (this.#held < PREFIX_BYTES) return undefined;
      this.#awaited = readPrefix(this.#take(PREFIX_BYTES));
    }
    const { headerBytes, bodyBytes } = this.#awaited;
    if (this.#held < headerBytes + bodyBytes) return undefined;
    this.#awaited = undefined;
    const header = readHeader(this.#take(headerBytes));
    return { header, parts: split(header.parts, this.#take(bodyBytes)) };
  }

  /** The next `count` bytes, all of which are here; copied only when they lie in several chunks. */
  #take(count: number): Buffer {
    let size = 0;
    let used = 0;
    while (size < count) {
      size += this.#chunks[used]?.length ?? 0;
      used += 1;
    }
    const taken = this.#chunks.splice(0, used);
    const whole = taken.length === 1 && taken[0] !== undefined ? taken[0] : Buffer.concat(taken);
    if (size > count) this.#chunks.unshift(whole.subarray(count));
    this.#held -= count;
    return whole.subarray(0, count);
  }
}

const PREFIX_BYTES = 8;
const MAX_HEADER_BYTES = 256 * 1024;
const MAX_BODY_BYTES = 16 * 1024 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readPrefix(prefix: Buffer): { headerBytes: number; bodyBytes: number } {
  const headerBytes = prefix.readUInt32BE(0);
  const bodyBytes = prefix.readUInt32BE(4);
  if (headerBytes > MAX_HEADER_BYTES || bodyBytes > MAX_BODY_BYTES) {
    throw new FrameError(`a message of ${headerBytes} + ${bodyBytes} bytes is over the bound`);
  }
  return { headerBytes, bodyBytes };
}

function readHeader(bytes: Buffer): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(utf8.decode(bytes));
  } catch {
    throw new FrameError('a header is not JSON in UTF-8');
  }
  if (!isObject(header)) throw new FrameError('a header is not an object');
  return header;
}

function split(lengths: unknown, body: Buffer): Map<string, Buffer> {
  const parts = new Map<string, Buffer>();
  let at = 0;
  for (const [name, length] of Object.entries(checkedLengths(lengths))) {
    parts.set(name, body.subarray(at, at + length));
    at += length;
  }
  if (at !== body.length) throw new FrameError('the lengths in `parts` do not add up to the body');
  return parts;
}

function checkedLengths(lengths: unknown): Record<string, number> {
  if (lengths === undefined) return {};
  if (!isObject(lengths) || !Object.values(lengths).every((n) => Number.isInteger(n) && Number(n) >= 0)) {
    throw new FrameError('`parts` is not an object of lengths');
  }
  return lengths as Record<string, number>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const sum = (numbers: number[]): number => numbers.reduce((total, n) => total + n, 0);
