import type { OutputStream } from './port.ts';

/**
 * Makes text of a job's output as it comes, split anywhere. What it has said of a stream is at any time the beginning
 * of what `toOutcome` makes of the whole: bytes that may yet become a character are kept until they are one, or none.
 */
export class LiveText {
  readonly #decoders = { stdout: decoder(), stderr: decoder() };

  /** The characters that are whole now; often all, sometimes none. */
  push(stream: OutputStream, bytes: Uint8Array): string {
    return this.#decoders[stream].decode(bytes, { stream: true });
  }
}

/** As `Buffer.toString` does it: a byte order mark is a character like any other. */
const decoder = () => new TextDecoder('utf-8', { ignoreBOM: true });
