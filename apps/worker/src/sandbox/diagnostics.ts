import type { Logger } from '@jobcell/shared/log';

const LINE_CHARACTERS = 2_000;

/** A supervisor's stderr: its own diagnostics, never a user's bytes. Logged line by line; the last one is kept. */
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
    for (const line of lines) this.#take(line);
  }

  /** The last line; where that is the launcher's `{"error": …}`, what it says. */
  lastWords(): string {
    if (this.#rest !== '') this.#take(this.#rest);
    this.#rest = '';
    try {
      const said: unknown = JSON.parse(this.#last);
      if (typeof said === 'object' && said !== null && 'error' in said) return String(said.error);
    } catch {
      // An ordinary line.
    }
    return this.#last;
  }

  #take(line: string): void {
    if (line.trim() === '') return;
    this.#last = line.slice(0, LINE_CHARACTERS);
    this.#log.warn({ line: this.#last }, 'supervisor');
  }
}
