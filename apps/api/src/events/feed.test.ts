import type { JobRecord, KnownOutput, LiveJob } from '@jobcell/shared/store';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Feed } from './feed.ts';
import { beginning, type Position, positionOf } from './position.ts';

type Streams = { stdout: string; stderr: string };

/** A job as the store keeps it: its output so far while it runs, all of it once it has ended. */
class TestJob {
  starts = 1;
  told: Streams = { stdout: '', stderr: '' };
  whole: Streams | null = null;

  readonly store = {
    readLive: async (_id: string, known: KnownOutput): Promise<LiveJob> => {
      const from = known.starts === this.starts ? known : { stdout: 0, stderr: 0 };
      const rest = (name: keyof Streams) => Buffer.from(this.told[name]).subarray(from[name]).toString();
      return {
        ...{ status: this.whole === null ? 'running' : 'failed', attempts: 1, starts: this.starts },
        ...(this.whole === null
          ? { stdout: rest('stdout'), stderr: rest('stderr') }
          : { stdout: '', stderr: '' }),
      };
    },
  };
  readonly records = {
    read: async () =>
      ({ starts: this.starts, result: null, job: { id: 'x', status: 'failed', ...this.whole } }) as JobRecord,
  };
}

/** One who reads some events, leaves, and comes back with the last id, perhaps to another process. */
class Reader {
  heard: Streams = { stdout: '', stderr: '' };
  lastId: string | null = null;
  done = false;

  take(feed: Feed, atMost: number): void {
    const position: Position = positionOf(this.lastId ?? '') ?? { ...beginning };
    let left = atMost;
    for (const frame of feed.eventsAfter(position, {})) {
      if (left === 0) return;
      left -= 1;
      this.#hear(Buffer.from(frame).toString());
    }
  }

  #hear(frame: string): void {
    const [id = '', event = '', data = ''] = frame
      .split('\n')
      .map((line) => line.slice(line.indexOf(' ') + 1));
    if (id.split('-')[0] !== this.lastId?.split('-')[0]) this.heard = { stdout: '', stderr: '' };
    this.lastId = id;
    if (event === 'done') this.done = true;
    if (event === 'stdout' || event === 'stderr') this.heard[event] += JSON.parse(data).text;
  }
}

/** Mostly short, sometimes past what one event carries; of one to four bytes a character. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .tuple(fc.constantFrom('x', 'é', '€', '😀'), fc.integer({ min: 1, max: 80_000 }))
    .map(([c, n]) => c.repeat(n)),
);
const step = fc.oneof(
  fc.record({ stream: fc.constantFrom('stdout' as const, 'stderr' as const), text }),
  fc.record({ reader: fc.nat(2), feed: fc.nat(1), atMost: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ restart: fc.constant(true) }),
);

const looked = async (feed: Feed) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const deafen = feed.onChange(resolve);
  feed.refresh();
  await Promise.race([promise, new Promise((later) => setImmediate(later))]);
  deafen();
};

test('every reader hears every byte of the last attempt once, wherever he leaves and whoever he comes back to', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.record({ stdout: text, stderr: text }),
      async (steps, end) => {
        const job = new TestJob();
        const feeds = [new Feed('x', job), new Feed('x', job)];
        const readers = [new Reader(), new Reader(), new Reader()];
        for (const each of steps) {
          if ('restart' in each) {
            job.starts += 1;
            job.told = { stdout: '', stderr: '' };
          } else if ('stream' in each) {
            job.told[each.stream] += each.text;
          } else {
            const feed = feeds[each.feed] as Feed;
            await looked(feed);
            readers[each.reader]?.take(feed, each.atMost);
          }
        }
        job.whole = { stdout: job.told.stdout + end.stdout, stderr: job.told.stderr + end.stderr };
        const feed = feeds[0] as Feed;
        await looked(feed);
        for (const reader of readers) {
          while (!reader.done) reader.take(feed, 3);
          expect(reader.heard).toEqual(job.whole);
        }
      },
    ),
    { numRuns: 200 },
  );
});
