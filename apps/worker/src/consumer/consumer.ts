import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@jobcell/shared/log';
import { queueWorkerSettings } from '@jobcell/shared/queue';
import type { JobStore } from '@jobcell/shared/store';
import { type Job, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { SandboxPool } from '../sandbox/port.ts';
import { type AttemptParts, attempt, type Verdict } from './attempt.ts';
import type { Cancellations } from './cancellations.ts';
import { queueLock } from './queue-lock.ts';

export type ConsumerParts = {
  /** A connection that waits through an outage. */
  redis: Redis;
  prefix: string;
  store: Pick<JobStore, 'start' | 'finish' | 'giveBack' | 'retry' | 'appendOutput'>;
  pool: SandboxPool;
  cancellations: Pick<Cancellations, 'watch'>;
  worker: string;
  log: Logger;
};

/** After the grace: for what is left to say to Redis, and then for BullMQ to close without it. */
const LAST_WORDS_MS = 5_000;
const CLOSE_MS = 1_000;
/** BullMQ waits 15 s after a lost connection unless told otherwise. */
const RECONNECT_MS = 1_000;

/** Takes ids from the queue while it has capacity, and runs one attempt for each. */
export class Consumer {
  readonly #parts: ConsumerParts;
  readonly #attemptParts: AttemptParts;
  readonly #stopping = new AbortController();
  readonly #graceOver = new AbortController();
  readonly #giveUp = new AbortController();
  readonly #running = new Map<string, Promise<Verdict>>();
  /** The one that takes jobs now, and those before it that still end theirs. */
  #worker: Worker;
  #closing = new Set<Promise<void>>();
  #capacity = 0;
  #taken = 0;

  constructor(parts: ConsumerParts) {
    this.#parts = parts;
    this.#attemptParts = {
      ...parts,
      stopping: this.#stopping.signal,
      graceOver: this.#graceOver.signal,
      giveUp: this.#giveUp.signal,
    };
    this.#worker = this.#build();
  }

  /** Jobs that are being run now, how many may be, and how many were ever taken. */
  get load(): { running: number; capacity: number; taken: number } {
    return { running: this.#running.size, capacity: this.#capacity, taken: this.#taken };
  }

  /** How many jobs to run at once; 0 takes none. */
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
   * Takes no more jobs. Those that run may end within `graceMs`; what is left then is given back, uncounted.
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
    const { redis, prefix } = this.#parts;
    const { name, options } = queueWorkerSettings(prefix);
    const worker: Worker = new Worker(
      name,
      async (job, token = '') => await this.#process(job, token, options.lockDuration),
      { ...options, connection: redis, autorun: false, runRetryDelay: RECONNECT_MS },
    );
    worker.on('error', (error) => this.#complain(error));
    return worker;
  }

  async #process(job: Job, token: string, lockMs: number): Promise<void> {
    const id = job.id ?? '';
    this.#taken += 1;
    const verdict = await this.#attempt(id, () =>
      attempt(id, queueLock(job, token, lockMs), this.#attemptParts),
    );
    if (verdict === 'done') return;
    await job.moveToWait(token);
    throw new WaitingError();
  }

  /** BullMQ hands an id out again when its lock ran out: a job that still runs here is not started a second time. */
  async #attempt(id: string, begin: () => Promise<Verdict>): Promise<Verdict> {
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
