import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, FrameDecoder, FrameError } from './frames.ts';

const header = fc.dictionary(
  fc.string().filter((name) => name !== 'parts' && name !== '__proto__'),
  fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
    fc.integer(),
    fc.boolean(),
  ),
);
/** Names that are whole numbers would change their order in a JavaScript object. */
const name = fc.stringMatching(/^[a-z_]{1,12}$/);
const parts = fc.uniqueArray(
  fc.tuple(
    name,
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  ),
  { selector: ([partName]) => partName },
);
const message = fc.tuple(header, parts);

/** Cuts `bytes` after each of `lengths`, over and over. */
function cut(bytes: Buffer, lengths: number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

const prefix = (headerBytes: number, bodyBytes: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(headerBytes, 0);
  bytes.writeUInt32BE(bodyBytes, 4);
  return bytes;
};

const raw = (text: string, body = ''): Buffer =>
  Buffer.concat([prefix(Buffer.byteLength(text), body.length), Buffer.from(text), Buffer.from(body)]);

test('messages come out as they went in, wherever the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(message),
      fc.array(
        fc.nat(40).map((n) => n + 1),
        { minLength: 1 },
      ),
      (sent, lengths) => {
        const bytes = Buffer.concat(sent.flatMap(([fields, body]) => encodeFrame(fields, body)));
        const decoder = new FrameDecoder();
        const frames = cut(bytes, lengths).flatMap((piece) => decoder.push(piece));
        expect(frames.map((frame) => [...frame.parts])).toEqual(sent.map(([, body]) => body));
        expect(frames.map(({ header: { parts: _, ...fields } }) => fields)).toEqual(
          sent.map(([fields]) => ({ ...fields })),
        );
      },
    ),
  );
});

test('a message is given out with its last byte, not before', () => {
  const bytes = Buffer.concat(encodeFrame({ type: 'outcome' }, [['result', Buffer.from('[1]')]]));
  const decoder = new FrameDecoder();
  expect(decoder.push(bytes.subarray(0, -1))).toEqual([]);
  expect(decoder.push(bytes.subarray(-1))).toHaveLength(1);
});

test('lengths over the bound are refused before anything is held for them', () => {
  expect(() => new FrameDecoder().push(prefix(256 * 1024 + 1, 0))).toThrow(FrameError);
  expect(() => new FrameDecoder().push(prefix(2, 16 * 1024 * 1024 + 1))).toThrow(FrameError);
  expect(new FrameDecoder().push(prefix(256 * 1024, 16 * 1024 * 1024))).toEqual([]);
});

test.each([
  ['no JSON', raw('{')],
  ['no object', raw('[]')],
  ['no UTF-8', Buffer.concat([prefix(4, 0), Buffer.from([0x22, 0xff, 0xff, 0x22])])],
  ['parts that are more than the body', raw('{"parts":{"a":3}}', 'xx')],
  ['parts that are less than the body', raw('{"parts":{"a":1}}', 'xx')],
  ['a body without parts', raw('{}', 'xx')],
  ['a negative length', raw('{"parts":{"a":-1,"b":3}}', 'xx')],
  ['a length that is no number', raw('{"parts":{"a":"2"}}', 'xx')],
  ['parts that are no object', raw('{"parts":[2]}', 'xx')],
])('%s is refused', (_, bytes) => {
  expect(() => new FrameDecoder().push(bytes)).toThrow(FrameError);
});

test('whatever comes is a message or refused, and never more is held than a message may have', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 64 })), (pieces) => {
      const decoder = new FrameDecoder();
      try {
        for (const piece of pieces) decoder.push(Buffer.from(piece));
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
      }
    }),
  );
});
