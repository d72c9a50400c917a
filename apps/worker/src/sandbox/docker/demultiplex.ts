const HEADER_BYTES = 8;
const STDOUT = 1;

type Listeners = { stdout: (chunk: Buffer) => void; stderr: (chunk: Buffer) => void };

/**
 * Takes apart the one stream of an attached container without a TTY: [stream, 0, 0, 0, u32be bytes] then that many
 * bytes, over and over. A chunk may be split anywhere; payload is handed on as it comes.
 */
export function demultiplexer({ stdout, stderr }: Listeners): (chunk: Buffer) => void {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerHeld = 0;
  let payloadLeft = 0;
  return function push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (payloadLeft === 0) {
        const copied = chunk.copy(header, headerHeld, at, at + HEADER_BYTES - headerHeld);
        at += copied;
        headerHeld += copied;
        if (headerHeld < HEADER_BYTES) return;
        headerHeld = 0;
        payloadLeft = header.readUInt32BE(4);
      } else {
        const payload = chunk.subarray(at, at + payloadLeft);
        at += payload.length;
        payloadLeft -= payload.length;
        (header[0] === STDOUT ? stdout : stderr)(payload);
      }
    }
  };
}
