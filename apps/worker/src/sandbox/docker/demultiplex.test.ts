import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demultiplexer } from './demultiplex.ts';

type Piece = { stream: 'stdout' | 'stderr'; bytes: Buffer };

const pieces = fc.array(
  fc.record({
    stream: fc.constantFrom('stdout' as const, 'stderr' as const),
    bytes: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  }),
);

/** As the engine frames it: 1 is stdout, 2 is stderr. */
function multiplex({ stream, bytes }: Piece): Buffer {
  const header = Buffer.from([stream === 'stdout' ? 1 : 2, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

test('each stream comes out whole and apart from the other, wherever the one stream is cut', () => {
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 50 }), (sent, length) => {
      const got = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
      const push = demultiplexer({
        stdout: (chunk) => got.stdout.push(chunk),
        stderr: (chunk) => got.stderr.push(chunk),
      });
      const bytes = Buffer.concat(sent.map(multiplex));
      for (let at = 0; at < bytes.length; at += length) push(bytes.subarray(at, at + length));
      for (const stream of ['stdout', 'stderr'] as const) {
        const expected = Buffer.concat(
          sent.filter((piece) => piece.stream === stream).map((piece) => piece.bytes),
        );
        expect(Buffer.concat(got[stream])).toEqual(expected);
      }
    }),
  );
});
