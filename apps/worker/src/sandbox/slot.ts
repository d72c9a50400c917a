import type { SandboxFacts } from '@jobcell/shared/contract';
import { Conversation } from './conversation.ts';
import { FrameError } from './frames.ts';
import { LiveText } from './live-text.ts';
import { factsOf, type Message, type ReadyMessage } from './messages.ts';
import { toOutcome } from './outcome.ts';
import type { RunOptions, Sandbox, SandboxJob, SandboxResult, SlotDeath } from './port.ts';
import type { Transport } from './transport.ts';

/** How long the worker waits for the supervisor, in milliseconds. */
export type Patience = {
  /** For `ready` after the start. */
  readyMs: number;
  /** For the jail to be made, where none waits: the supervisor gives up after 10 s, the worker only after that. */
  startMs: number;
  /** For the outcome once the job's own time is over: the contract's backstop. */
  overdueMs: number;
  /** For the outcome of a job that was cancelled. Then the slot is killed, which is quick: 1 s in all. */
  cancelMs: number;
  /** For `idle` after an outcome: the supervisor calls itself spent after 2 s. */
  idleMs: number;
};

export const patience: Patience = {
  ...{ readyMs: 30_000, startMs: 11_000, overdueMs: 1_000, cancelMs: 500, idleMs: 5_000 },
};

/**
 * Waits for the supervisor to say what it is, and gives the slot its default size. Rejects with a `SlotDeath`, when
 * nothing of the supervisor is left.
 */
export async function openSlot(
  transport: Transport,
  signal: AbortSignal,
  waits: Patience = patience,
): Promise<Sandbox> {
  const conversation = new Conversation(transport);
  const giveUp = () => void conversation.die('destroyed', 'not wanted any more');
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    const ready = await conversation.receive(waits.readyMs, 'not_ready');
    if (ready.type !== 'ready') throw await dead(conversation, 'the first message is not `ready`');
    const slot = new Slot(transport, conversation, ready, waits);
    await slot.resize(ready.limits.memory_bytes);
    return slot;
  } catch (error) {
    await conversation.gone; // every way here has ended it
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

class Slot implements Sandbox {
  readonly id: string;
  readonly facts: SandboxFacts;
  readonly fallback: string | null;
  readonly #transport: Transport;
  readonly #conversation: Conversation;
  readonly #overheadBytes: number;
  readonly #waits: Patience;
  #memoryBytes = 0;
  /** Counts the jobs of this slot: a cancel that comes late must not mean the next one. */
  #number = 0;
  /** Whether a jail waits for the next job, so that its clock starts at once. */
  #jailReady: boolean;
  #idle: Promise<void> = Promise.resolve();

  constructor(transport: Transport, conversation: Conversation, ready: ReadyMessage, waits: Patience) {
    this.id = transport.id;
    this.facts = factsOf(ready);
    this.fallback = ready.fallback;
    this.#jailReady = ready.jail_ready;
    this.#transport = transport;
    this.#conversation = conversation;
    this.#overheadBytes = ready.overhead_bytes;
    this.#waits = waits;
  }

  get alive(): boolean {
    return !this.#conversation.over;
  }

  get death(): Promise<SlotDeath> {
    return this.#conversation.gone;
  }

  async run(job: SandboxJob, { signal, onOutput }: RunOptions = {}): Promise<SandboxResult> {
    const memoryBytes = job.memoryMb * 1024 * 1024;
    await this.resize(memoryBytes);
    this.#hear(onOutput);
    this.#send(job, memoryBytes);
    const stopListening = this.#cancelOn(signal);
    let message: Message;
    try {
      message = await this.#receiveOutcome(job.timeoutMs + this.#waits.overdueMs);
    } finally {
      stopListening();
      this.#conversation.hearOutput(undefined);
    }
    const result = await this.#read(message);
    this.#idle = this.#untilIdle();
    this.#idle.catch(() => undefined); // whoever needs the slot next asks again
    return result;
  }

  idle(): Promise<void> {
    return this.#idle;
  }

  async destroy(): Promise<void> {
    this.#conversation.die('destroyed', 'ended by the worker');
    await this.#conversation.gone;
  }

  /** Only while the slot is empty. A refusal (the limit would be below what is in use) ends the slot. */
  async resize(memoryBytes: number): Promise<void> {
    if (memoryBytes === this.#memoryBytes) return;
    try {
      await this.#transport.allow(memoryBytes + this.#overheadBytes, this.facts.limits.processes);
      this.#memoryBytes = memoryBytes;
    } catch (error) {
      throw this.#conversation.die('memory', error instanceof Error ? error.message : 'refused');
    }
  }

  #send(job: SandboxJob, memoryBytes: number): void {
    const parts: [string, Buffer][] = [['script', Buffer.from(job.script)]];
    if (job.input !== null) parts.push(['input', Buffer.from(job.input)]);
    this.#number += 1;
    const limits = { timeout_ms: job.timeoutMs, memory_bytes: memoryBytes };
    this.#conversation.send({ type: 'run', number: this.#number, kind: job.kind, ...limits }, parts);
  }

  #hear(onOutput: RunOptions['onOutput']): void {
    const live = new LiveText();
    this.#conversation.hearOutput(({ stream, parts }) => {
      const text = live.push(stream, parts.get('bytes') ?? Buffer.alloc(0));
      if (text !== '') onOutput?.(stream, text);
    });
  }

  /** Returns what ends the listening. */
  #cancelOn(signal: AbortSignal | undefined): () => void {
    let timer: NodeJS.Timeout | undefined;
    const { cancelMs } = this.#waits;
    const cancel = () => {
      this.#conversation.interject({ type: 'cancel', number: this.#number });
      const giveUp = () => this.#conversation.die('not_cancelled', `no outcome came within ${cancelMs} ms`);
      timer = setTimeout(giveUp, cancelMs);
    };
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
    return () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    };
  }

  /** Where the jail has yet to be made, the supervisor says when the job starts: its time counts from there. */
  async #receiveOutcome(runMs: number): Promise<Message> {
    const first = await this.#conversation.receive(
      this.#jailReady ? runMs : this.#waits.startMs + runMs,
      'overdue',
    );
    return first.type === 'started' ? await this.#conversation.receive(runMs, 'overdue') : first;
  }

  async #read(message: Message): Promise<SandboxResult> {
    if (message.type !== 'outcome')
      throw await dead(this.#conversation, 'a job was not answered by an outcome');
    try {
      return { outcome: toOutcome(message, message.parts, this.facts), jailMs: message.jail_ms };
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      throw await dead(this.#conversation, error.message);
    }
  }

  async #untilIdle(): Promise<void> {
    const message = await this.#conversation.receive(this.#waits.idleMs, 'not_idle');
    if (message.type !== 'idle')
      throw await dead(this.#conversation, 'an outcome was not followed by `idle`');
    this.#jailReady = message.jail_ready;
  }
}

async function dead(conversation: Conversation, detail: string): Promise<SlotDeath> {
  conversation.die('protocol', detail);
  return await conversation.gone;
}
