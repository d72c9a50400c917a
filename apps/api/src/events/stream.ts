import type { HttpBindings } from '@hono/node-server';
import type { Feed, Frame } from './feed.ts';
import type { Feeds } from './feeds.ts';
import type { Position } from './position.ts';

/** A comment after so much silence keeps what lies between from closing the connection. */
const SILENCE_MS = 15_000;
/** What a browser waits before it comes back. */
const RETRY_MS = 1_000;
/** A connection that has taken nothing for so long is cut: whoever reads on comes back. */
const STALLED_MS = 60_000;

type Outgoing = HttpBindings['outgoing'];

/**
 * The events of the job `id` after `position`, each made only when the one before it was taken, and nobody listens
 * before the first is asked for (to HEAD none is sent). Ends with the job, its reader or this process.
 */
export function eventStream(
  feeds: Feeds,
  id: string,
  position: Position,
  outgoing: Outgoing,
): ReadableStream<Uint8Array> {
  const left = new AbortController();
  const events = listen(feeds, id, position, { outgoing, left: left.signal });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await events.next();
        if (left.signal.aborted) return;
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        left.abort();
        await events.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

type Reader = { outgoing: Outgoing; left: AbortSignal };

async function* listen(
  feeds: Feeds,
  id: string,
  position: Position,
  { outgoing, left }: Reader,
): AsyncGenerator<Frame, void> {
  const { feed, closing, leave } = feeds.listen(id);
  // One who does not read must not hold up the end of this process.
  const cut = () => void (outgoing.writableLength > 0 && outgoing.destroy());
  closing.addEventListener('abort', cut);
  outgoing.setTimeout(STALLED_MS);
  try {
    yield Buffer.from(`retry: ${RETRY_MS}\n\n`);
    yield* tell(feed, position, AbortSignal.any([left, closing]));
  } finally {
    closing.removeEventListener('abort', cut);
    leave();
  }
}

async function* tell(feed: Feed, position: Position, stopped: AbortSignal): AsyncGenerator<Frame, void> {
  const told = {};
  while (!stopped.aborted) {
    const { version, over } = feed;
    for (const event of feed.eventsAfter(position, told)) {
      yield event;
      if (stopped.aborted) return;
    }
    if (over) return;
    if (feed.version === version && (await changeOf(feed, stopped)) === 'silence')
      yield Buffer.from(': \n\n');
  }
}

async function changeOf(feed: Feed, stopped: AbortSignal): Promise<'change' | 'silence'> {
  const { promise, resolve } = Promise.withResolvers<'change' | 'silence'>();
  const change = () => resolve('change');
  const timer = setTimeout(() => resolve('silence'), SILENCE_MS);
  const deafen = feed.onChange(change);
  stopped.addEventListener('abort', change);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    deafen();
    stopped.removeEventListener('abort', change);
  }
}
