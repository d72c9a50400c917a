import type { Logger } from '@jobcell/shared/log';

const LINE_CHARACTERS = 2_000;

/** A supervisor's stderr: its own diagnostics, never a user's bytes. Lines that come together are one log line. */
export class Diagnostics {
  readonly #log: Logger;
  readonly #decoder = new TextDecoder();
  #rest = '';
  #last = '';

  constructor(log: Logger) {
    this.#log = log;
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, LINE_CHARACTERS);
    this.#take(lines);
  }

  /** The last line; where that is the launcher's `{"error": …}`, what it says. */
  lastWords(): string {
    this.#take([this.#rest]);
    this.#rest = '';
    try {
      const said: unknown = JSON.parse(this.#last);
      if (typeof said === 'object' && said !== null && 'error' in said) return String(said.error);
    } catch {
      // An ordinary line.
    }
    return this.#last;
  }

  #take(said: string[]): void {
    const lines = said.filter((line) => line.trim() !== '').map((line) => line.slice(0, LINE_CHARACTERS));
    this.#last = lines.at(-1) ?? this.#last;
    if (lines.length > 0) this.#log.warn({ lines }, 'supervisor');
  }
}
