import { randomUUID } from 'node:crypto';
import { isTerminal } from '@jobcell/shared/contract';
import type { connectRedis, JobRecord, JobStore } from '@jobcell/shared/store';
import type { Records } from './records.ts';

type Redis = ReturnType<typeof connectRedis>;

/** A `poll` is let go as soon as the process drains; an `execute` has a caller who waits for this one answer. */
export type WaitKind = 'poll' | 'execute';

export type WaitOptions = {
  kind: WaitKind;
  timeoutMs: number;
  /** The caller's connection: a wait ends when the caller is gone. */
  signal: AbortSignal;
};

/**
 * One wait. `ended` resolves for whatever reason it ends: with the job's record where that was told, else with `null`,
 * and the store says how the job stands.
 */
export type Wait = { ended: Promise<JobRecord | null>; end(): void };

type End = (record?: JobRecord | null) => void;
type WaitedJob = { waits: Map<End, WaitKind>; lookedAt: number };

type Told = Pick<JobStore, 'finishedChannel' | 'outcomeChannel' | 'readTold'>;

/** How often a job is looked at in the store, by whether notifications arrive. */
const LOOK_EVERY_MS = { subscribed: 10_000, unsubscribed: 1_000 };
/** Jobs looked at at once, so that thousands of waits do not hold up the event loop together. */
const LOOK_BATCH = 100;

/**
 * Waits for jobs to become terminal: one subscription for the whole process. Notifications can be lost only while
 * that is down, so all waited-for jobs are looked at when it comes (back) up, every second while it is down, and now
 * and then for the case that nobody noticed.
 */
export class Waiter {
  /** What jobs name whose outcome is to be told to this process. */
  readonly name = randomUUID();
  readonly #jobs = new Map<string, WaitedJob>();
  readonly #released = new Set<WaitKind>();
  readonly #subscriber: Redis;
  readonly #records: Pick<Records, 'read'>;
  readonly #timer: NodeJS.Timeout;
  #subscribed = false;
  #looking = false;
  /** Something may have been told that was not heard: all jobs are due. */
  #behind = false;

  constructor(parts: { subscriber: Redis; store: Told; records: Pick<Records, 'read'> }) {
    const { store } = parts;
    const [finished, outcomes] = [store.finishedChannel, store.outcomeChannel(this.name)];
    this.#subscriber = parts.subscriber;
    this.#records = parts.records;
    parts.subscriber.on('message', (channel, text) => {
      if (channel === finished) this.#finish(text);
      if (channel !== outcomes) return;
      const { id, record } = store.readTold(text);
      this.#finish(id, record);
    });
    parts.subscriber.on('close', () => {
      this.#subscribed = false;
    });
    parts.subscriber.on('ready', () => void this.#subscribe(finished, outcomes));
    if (parts.subscriber.status === 'ready') void this.#subscribe(finished, outcomes);
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS.unsubscribed);
    this.#timer.unref();
  }

  /** Starts to wait for the job `id`; nothing that happens to it from here on is missed. */
  begin(id: string, { kind, timeoutMs, signal }: WaitOptions): Wait {
    const { promise: ended, resolve } = Promise.withResolvers<JobRecord | null>();
    const end: End = (record = null) => resolve(record);
    const stop = () => end();
    if (signal.aborted || this.#released.has(kind)) return { ended: Promise.resolve(null), end: stop };
    const job = this.#jobs.get(id) ?? { waits: new Map(), lookedAt: performance.now() };
    this.#jobs.set(id, job);
    job.waits.set(end, kind);
    const timer = setTimeout(stop, timeoutMs);
    signal.addEventListener('abort', stop);
    const forget = (record: JobRecord | null) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      job.waits.delete(end);
      if (job.waits.size === 0 && this.#jobs.get(id) === job) this.#jobs.delete(id);
      return record;
    };
    return { ended: ended.then(forget), end: stop };
  }

  /** Ends all waits of this kind, now and from now on. */
  release(kind: WaitKind): void {
    this.#released.add(kind);
    for (const { waits } of this.#jobs.values()) {
      for (const [end, its] of waits) if (its === kind) end();
    }
  }

  /** Waits that have not ended. */
  get size(): number {
    let size = 0;
    for (const { waits } of this.#jobs.values()) size += waits.size;
    return size;
  }

  /** Ends all waits and looks no more. The subscriber's connection stays its owner's. */
  close(): void {
    clearInterval(this.#timer);
    this.release('poll');
    this.release('execute');
  }

  #finish(id: string, record: JobRecord | null = null): void {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    for (const end of job?.waits.keys() ?? []) end(record);
  }

  /** Once its answer is there, every later notification arrives; the earlier ones are made good by looking. */
  async #subscribe(...channels: string[]): Promise<void> {
    try {
      await this.#subscriber.subscribe(...channels);
    } catch {
      return; // the connection was lost again, and will be ready again
    }
    this.#subscribed = true;
    this.#behind = true;
    await this.#look();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    const everyMs = LOOK_EVERY_MS[this.#subscribed ? 'subscribed' : 'unsubscribed'];
    const now = performance.now();
    const due = [...this.#jobs].filter(([, job]) => this.#behind || now - job.lookedAt >= everyMs);
    this.#behind = false;
    this.#looking = true;
    try {
      while (due.length > 0) {
        await Promise.all(due.splice(0, LOOK_BATCH).map(([id, job]) => this.#lookAt(id, job)));
      }
    } catch {
      this.#behind = true; // the store does not answer: all are looked at in a second
    } finally {
      this.#looking = false;
    }
  }

  async #lookAt(id: string, job: WaitedJob): Promise<void> {
    const record = await this.#records.read(id);
    job.lookedAt = performance.now();
    if (record === null || isTerminal(record.job.status)) this.#finish(id);
  }
}
