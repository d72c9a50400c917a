import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@jobcell/shared/log';
import { type Job, WaitingError, Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { type QueueLock, queueLock } from './queue-lock.ts';

/** How an end of the process comes, in this order. */
export type EndSignals = {
  /** Aborts when nothing may be started any more. */
  stopping: AbortSignal;
  /** Aborts when the grace for what goes on is over. */
  graceOver: AbortSignal;
  /** Aborts when not even Redis is waited for any more. */
  giveUp: AbortSignal;
};

/** `done`: the queue may forget the id. `again`: it has to be handed out once more. */
export type Verdict = 'done' | 'again';

export type QueueConsumerParts = {
  /** A connection that waits through an outage. */
  redis: Redis;
  /** Of the queue that is drained. */
  queue: { name: string; options: Omit<WorkerOptions, 'connection'> & { lockDuration: number } };
  /** What is done with an id, once at a time for each. */
  work: (id: string, lock: QueueLock, signals: EndSignals) => Promise<Verdict>;
  log: Logger;
};

/** After the grace: for what is left to say to Redis, and then for BullMQ to close without it. */
const LAST_WORDS_MS = 5_000;
const CLOSE_MS = 1_000;
/** BullMQ waits 15 s after a lost connection unless told otherwise. */
const RECONNECT_MS = 1_000;

/** Takes ids from a queue while it has capacity, and does its work with each. */
export class QueueConsumer {
  readonly #parts: QueueConsumerParts;
  readonly #signals: EndSignals;
  readonly #stopping = new AbortController();
  readonly #graceOver = new AbortController();
  readonly #giveUp = new AbortController();
  readonly #running = new Map<string, Promise<Verdict>>();
  readonly #begun = new WeakMap<Job, Promise<Verdict>>();
  /** The one that takes jobs now, and those before it that still end theirs. */
  #worker: Worker;
  #closing = new Set<Promise<void>>();
  #capacity = 0;
  #taken = 0;

  constructor(parts: QueueConsumerParts) {
    this.#parts = parts;
    this.#signals = {
      stopping: this.#stopping.signal,
      graceOver: this.#graceOver.signal,
      giveUp: this.#giveUp.signal,
    };
    this.#worker = this.#build();
  }

  /** Ids that are being worked on now, how many may be, and how many were ever taken. */
  get load(): { running: number; capacity: number; taken: number } {
    return { running: this.#running.size, capacity: this.#capacity, taken: this.#taken };
  }

  /** How many ids to work on at once; 0 takes none. */
  setCapacity(capacity: number): void {
    if (this.#stopping.signal.aborted || capacity === this.#capacity) return;
    this.#capacity = capacity;
    this.#apply();
  }

  /** A new BullMQ worker in place of one that takes nothing; the old one ends what it has. */
  rebuild(): void {
    if (this.#stopping.signal.aborted) return;
    this.#close(this.#worker);
    this.#worker = this.#build();
    this.#apply();
  }

  /**
   * Takes no more ids. The work that goes on may end within `graceMs`; what is left then gives up, and its id back.
   * `hasten` ends the grace at once.
   */
  async stop(graceMs: number, hasten: AbortSignal): Promise<void> {
    this.#stopping.abort();
    this.#close(this.#worker);
    const closed = Promise.all(this.#closing);
    await withinMs(graceMs, Promise.allSettled(this.#running.values()), hasten);
    this.#graceOver.abort();
    await withinMs(LAST_WORDS_MS, closed);
    this.#giveUp.abort();
    await withinMs(CLOSE_MS, closed);
  }

  #apply(): void {
    const worker = this.#worker;
    if (this.#capacity === 0) {
      if (worker.isRunning()) void worker.pause(true).catch((error: Error) => this.#complain(error));
      return;
    }
    worker.concurrency = this.#capacity;
    if (worker.isPaused()) void worker.resume();
    else if (!worker.isRunning()) void worker.run().catch((error: Error) => this.#complain(error));
  }

  #build(): Worker {
    const { redis, queue } = this.#parts;
    const worker = new Worker(queue.name, async (job, token = '') => await this.#process(job, token), {
      ...queue.options,
      ...{ connection: redis, autorun: false, runRetryDelay: RECONNECT_MS },
    });
    worker.on('error', (error) => this.#complain(error));
    // It asks for a further job before it has this one processed, which would wait for that: a whole round trip.
    worker.on('active', (job) => {
      if (!job.deferredFailure) void this.#begin(job);
    });
    return worker;
  }

  async #process(job: Job, token: string): Promise<void> {
    this.#taken += 1;
    const verdict = await (this.#begun.get(job) ?? this.#begin(job));
    if (verdict === 'done') return;
    await job.moveToWait(token);
    throw new WaitingError();
  }

  #begin(job: Job): Promise<Verdict> {
    const id = job.id ?? '';
    const lock = queueLock(job, job.token ?? '', this.#parts.queue.options.lockDuration);
    const work = this.#once(id, () => this.#parts.work(id, lock, this.#signals));
    work.catch(() => undefined); // told where BullMQ has it processed
    this.#begun.set(job, work);
    return work;
  }

  /** BullMQ hands an id out again when its lock ran out: what still goes on here is not started a second time. */
  async #once(id: string, begin: () => Promise<Verdict>): Promise<Verdict> {
    const same = this.#running.get(id);
    if (same !== undefined) return await same;
    const work = begin();
    this.#running.set(id, work);
    try {
      return await work;
    } finally {
      this.#running.delete(id);
    }
  }

  #close(worker: Worker): void {
    const closing = worker.close().catch((error: Error) => this.#complain(error));
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
  }

  #complain(error: Error): void {
    this.#parts.log.warn({ error: error.message }, 'queue');
  }
}

/** Waits for `work`, but no longer than that, nor after `stop` has aborted. */
async function withinMs(ms: number, work: Promise<unknown>, stop?: AbortSignal): Promise<void> {
  const done = new AbortController();
  const signal = stop === undefined ? done.signal : AbortSignal.any([done.signal, stop]);
  await Promise.race([work, delay(ms, undefined, { signal }).catch(() => undefined)]);
  done.abort();
}
