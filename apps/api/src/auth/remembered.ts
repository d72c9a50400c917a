type Options<T> = {
  ask: (name: string) => Promise<T | null>;
  /** How long an answer is used, from the moment of the question on. */
  forMs: number;
  /** Most answers that are kept. */
  size: number;
};

type Entry<T> = { answer: Promise<T | null>; askedAt: number };

/**
 * Answers that are used again for a moment. Those who ask for one name at once share one question. That there is
 * nothing (`null`) and that asking failed is never kept: names that somebody makes up take no room.
 */
export class Remembered<T> {
  readonly #options: Options<T>;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(options: Options<T>) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  async get(name: string): Promise<T | null> {
    const known = this.#entries.get(name);
    if (known && performance.now() - known.askedAt < this.#options.forMs) return await known.answer;
    const entry = { answer: this.#options.ask(name), askedAt: performance.now() };
    this.#keep(name, entry);
    try {
      const answer = await entry.answer;
      if (answer === null) this.#drop(name, entry);
      return answer;
    } catch (error) {
      this.#drop(name, entry);
      throw error;
    }
  }

  forget(name: string): void {
    this.#entries.delete(name);
  }

  /** The oldest goes where there is no room; a map remembers the order in which names were put in. */
  #keep(name: string, entry: Entry<T>): void {
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    if (this.#entries.size <= this.#options.size) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  #drop(name: string, entry: Entry<T>): void {
    if (this.#entries.get(name) === entry) this.#entries.delete(name);
  }
}
