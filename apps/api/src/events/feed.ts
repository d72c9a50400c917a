import { isTerminal } from '@jobcell/shared/contract';
import { type JobRecord, type JobStore, jobJson, type LiveJob } from '@jobcell/shared/store';
import type { Records } from '../jobs/records.ts';
import { idOf, type Position } from './position.ts';

/** One server-sent event as it is sent: as bytes, which do not lie in V8's heap while they wait for a slow reader. */
export type Frame = Uint8Array;

export type FeedParts = { store: Pick<JobStore, 'readLive'>; records: Pick<Records, 'read'> };

/** How a job stands, with all that it has printed since its last start. Never changed: replaced. */
type Stand = {
  starts: number;
  /** The data of the `status` event; `null` once the job is terminal. */
  status: string | null;
  stdout: Buffer;
  stderr: Buffer;
  /** The `done` event, which may have megabytes: the same bytes for all who follow. `null` before the end. */
  done: Uint8Array | null;
};

const nothing = { starts: -1, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };

/** Bytes of text in one event, so that a slow reader is given no more than that at once. */
const PIECE_BYTES = 16 * 1024;

/** What this process knows of one job that is followed, for all who follow it. */
export class Feed {
  readonly #id: string;
  readonly #parts: FeedParts;
  readonly #listeners = new Set<() => void>();
  #stand: Stand | null = null;
  #over = false;
  #version = 0;
  #refreshing: Promise<void> | undefined;
  #again = false;

  constructor(id: string, parts: FeedParts) {
    this.#id = id;
    this.#parts = parts;
  }

  /** Whether nothing more will come: the job is terminal, or gone. */
  get over(): boolean {
    return this.#over;
  }

  /** Another one with each change. */
  get version(): number {
    return this.#version;
  }

  /** Calls `listener` with each change, until the function that this returns is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Looks what is new; while it looks, once more afterwards. What cannot be read now is read the next time. */
  refresh(): void {
    this.#again = this.#refreshing !== undefined;
    this.#refreshing ??= this.#read()
      .catch(() => undefined)
      .finally(() => {
        this.#refreshing = undefined;
        if (this.#again) this.refresh();
      });
  }

  /** What a listener at `position` has not been told yet; each event moves it. `told.status` is what it knows of that. */
  *eventsAfter(position: Position, told: { status?: string }): Generator<Frame> {
    const stand = this.#stand;
    if (stand === null) return;
    if (position.starts !== stand.starts)
      Object.assign(position, { starts: stand.starts, stdout: 0, stderr: 0, done: false });
    if (stand.status !== null && stand.status !== told.status) {
      told.status = stand.status;
      yield frame(position, 'status', stand.status);
    }
    for (const event of ['stdout', 'stderr'] as const) {
      for (const text of pieces(stand[event], position[event])) {
        position[event] += Buffer.byteLength(text);
        yield frame(position, event, JSON.stringify({ text }));
      }
    }
    if (stand.done === null) return;
    position.done = true;
    yield stand.done;
  }

  async #read(): Promise<void> {
    if (this.#over) return;
    const known = this.#stand ?? nothing;
    const { starts, stdout, stderr } = known;
    const live = await this.#parts.store.readLive(this.#id, {
      starts,
      ...{ stdout: stdout.length, stderr: stderr.length },
    });
    if (live !== null && !isTerminal(live.status)) return this.#goOn(live, known);
    const ended = live === null ? null : await this.#parts.records.read(this.#id);
    if (ended !== null) this.#stand = standOf(ended);
    this.#over = true; // without an end when its record was deleted
    this.#tell();
  }

  #goOn(live: LiveJob, known: Pick<Stand, 'starts' | 'stdout' | 'stderr'>): void {
    const status = JSON.stringify({ status: live.status, attempt: live.attempts });
    const more = { stdout: Buffer.from(live.stdout), stderr: Buffer.from(live.stderr) };
    const isSame = live.starts === known.starts;
    if (isSame && status === this.#stand?.status && more.stdout.length + more.stderr.length === 0) return;
    this.#stand = {
      ...{ starts: live.starts, status, done: null },
      stdout: isSame ? Buffer.concat([known.stdout, more.stdout]) : more.stdout,
      stderr: isSame ? Buffer.concat([known.stderr, more.stderr]) : more.stderr,
    };
    this.#tell();
  }

  #tell(): void {
    this.#version += 1;
    for (const listener of [...this.#listeners]) listener();
  }
}

function standOf(ended: JobRecord): Stand {
  const { starts, job } = ended;
  const [stdout, stderr] = [Buffer.from(job.stdout ?? ''), Buffer.from(job.stderr ?? '')];
  const end = { starts, stdout: stdout.length, stderr: stderr.length, done: true };
  return { starts, status: null, stdout, stderr, done: frame(end, 'done', jobJson(ended)) };
}

/** JSON has no line breaks, so the data is one line. */
const frame = (position: Position, event: string, data: string): Frame =>
  Buffer.from(`id: ${idOf(position)}\nevent: ${event}\ndata: ${data}\n\n`);

/** The text of `bytes` from `start` on, cut between characters. */
function* pieces(bytes: Buffer, start: number): Generator<string> {
  for (let at = start; at < bytes.length; ) {
    let end = Math.min(at + PIECE_BYTES, bytes.length);
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    yield bytes.toString('utf8', at, end);
    at = end;
  }
}
