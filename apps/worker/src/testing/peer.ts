import { PassThrough } from 'node:stream';
import { encodeFrame, FrameDecoder } from '../sandbox/frames.ts';
import type { Transport } from '../sandbox/transport.ts';

/** The other end of a slot's transport, played by a test: what real supervisors never do has to be tried too. */
export class Peer implements Transport {
  readonly id = 'peer';
  readonly #out = new PassThrough();
  readonly #decoder = new FrameDecoder();
  readonly #end = Promise.withResolvers<string>();
  readonly ended = this.#end.promise;
  /** Headers of what the worker has sent. */
  readonly asked: Record<string, unknown>[] = [];
  readonly allowed: number[] = [];
  killed = 0;
  refuse: string | undefined;
  onAsk: () => void = () => undefined;

  say(header: Record<string, unknown>, parts: [string, Buffer][] = []): void {
    this.write(Buffer.concat(encodeFrame(header, parts)));
  }
  write(bytes: Buffer): void {
    this.#out.write(bytes);
  }
  end(why: string): void {
    this.#end.resolve(why);
  }
  onOutput(listener: (chunk: Buffer) => void): void {
    this.#out.on('data', listener);
  }
  send(pieces: Buffer[]): void {
    for (const { header } of this.#decoder.push(Buffer.concat(pieces))) {
      this.asked.push(header);
      this.onAsk();
    }
  }
  async allow(bytes: number): Promise<void> {
    if (this.refuse !== undefined) throw new Error(this.refuse);
    this.allowed.push(bytes);
  }
  async kill(): Promise<void> {
    this.killed += 1;
  }
}
