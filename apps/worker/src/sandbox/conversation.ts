import { encodeFrame, FrameDecoder, FrameError } from './frames.ts';
import { type Message, type OutputMessage, readMessage } from './messages.ts';
import { type DeathCause, SlotDeath } from './port.ts';
import type { Transport } from './transport.ts';

/** `started`, an outcome and its `idle` may come in one chunk; more than that is never owed. */
const MAX_UNREAD = 3;
/** A timer that is this late says that this process stood still: what it waits for may have come, and be unread. */
const STOOD_STILL_MS = 100;
const AFTER_STANDSTILL_MS = 1_000;

/**
 * Messages to and from one supervisor, in turn. It ends, and the supervisor with it, when either side breaks off,
 * breaks the protocol or is late; what is asked of it then rejects with the one `SlotDeath`.
 */
export class Conversation {
  readonly #transport: Transport;
  readonly #decoder = new FrameDecoder();
  #inbox: Message[] = [];
  #waiting: PromiseWithResolvers<Message> | undefined;
  #onOutput: ((message: OutputMessage) => void) | undefined;
  #death: SlotDeath | undefined;
  readonly #gone = Promise.withResolvers<SlotDeath>();

  constructor(transport: Transport) {
    this.#transport = transport;
    transport.onOutput((chunk) => this.#read(chunk));
    void transport.ended.then((why) => this.die('ended', why));
  }

  get over(): boolean {
    return this.#death !== undefined;
  }

  /** Resolves when the conversation is over and nothing of the supervisor is left. */
  get gone(): Promise<SlotDeath> {
    return this.#gone.promise;
  }

  /** Says something. Whatever the supervisor had said unasked before would be taken for the answer: that ends it. */
  send(header: Record<string, unknown>, parts: [name: string, bytes: Buffer][]): void {
    if (this.#inbox.length > 0) this.die('protocol', 'the supervisor spoke unasked');
    if (this.#death !== undefined) throw this.#death;
    this.#transport.send(encodeFrame(header, parts));
  }

  /** Says something in between: what has come meanwhile answers what was said before. */
  interject(header: Record<string, unknown>): void {
    if (this.#death === undefined) this.#transport.send(encodeFrame(header));
  }

  /** From now on hears what is told of a job's output, which is no turn of the conversation; `undefined` ends that. */
  hearOutput(listener: ((message: OutputMessage) => void) | undefined): void {
    this.#onOutput = listener;
  }

  /** The next message, which has `withinMs` to come; a second more, once, where this process stood still meanwhile. */
  async receive(withinMs: number, late: DeathCause): Promise<Message> {
    const message = this.#inbox.shift();
    if (message !== undefined) return message;
    if (this.#death !== undefined) throw this.#death;
    const waiting = Promise.withResolvers<Message>();
    this.#waiting = waiting;
    const expire = () => this.die(late, `nothing came within ${withinMs} ms`);
    const due = performance.now() + withinMs;
    let timer = setTimeout(() => {
      if (performance.now() - due < STOOD_STILL_MS) expire();
      else timer = setTimeout(expire, AFTER_STANDSTILL_MS);
    }, withinMs);
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it; the first cause counts. */
  die(reason: DeathCause, detail: string): SlotDeath {
    if (this.#death !== undefined) return this.#death;
    const death = new SlotDeath(this.#transport.id, reason, detail);
    this.#death = death;
    this.#inbox = [];
    this.#waiting?.reject(death);
    this.#waiting = undefined;
    void this.#transport.kill().then(() => this.#gone.resolve(death));
    return death;
  }

  #read(chunk: Buffer): void {
    if (this.#death !== undefined) return;
    try {
      for (const frame of this.#decoder.push(chunk)) this.#take(readMessage(frame));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.die('protocol', error.message);
    }
  }

  #take(message: Message): void {
    if (this.#death !== undefined) return;
    if (message.type === 'spent') {
      this.die('spent', message.reason);
    } else if (message.type === 'output' && this.#onOutput !== undefined) {
      this.#onOutput(message);
    } else if (this.#waiting !== undefined) {
      this.#waiting.resolve(message);
      this.#waiting = undefined;
    } else if (this.#inbox.length < MAX_UNREAD) {
      this.#inbox.push(message);
    } else {
      this.die('protocol', 'the supervisor spoke unasked');
    }
  }
}
