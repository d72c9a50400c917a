import { z } from '@hono/zod-openapi';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { Feed } from '../events/feed.ts';
import type { Listener } from '../events/feeds.ts';
import { beginning, type Position, positionOf } from '../events/position.ts';
import { ApiError } from '../http/api-error.ts';
import type { ApiContext } from '../http/context.ts';
import { readQuery } from '../http/query.ts';
import { jobIdOf, noSuchJob } from '../jobs/job-id.ts';
import type { Parts } from '../parts.ts';
import { everywhere, problems, type Route } from './route.ts';

const querySchema = z.strictObject({});
const headersSchema = z.object({
  'Last-Event-ID': z.string().optional().describe('The id of the last event that was read: goes on after it'),
});

/** A comment after so much silence keeps what lies between from closing the connection. */
const SILENCE_MS = 15_000;
/** What a browser waits before it comes back. */
const RETRY_MS = 1_000;

/** Follows a job: its status, what it prints while it runs, and its end. */
export const jobEventsRoute = ({ records, feeds }: Parts): Route => ({
  doc: {
    method: 'get',
    path: '/jobs/{id}/events',
    summary: 'Follow a job',
    description: [
      'Server-sent events: `status` `{status, attempt}`, `stdout` and `stderr` `{text}` while it runs, `done` with the',
      'job object, then the end. A new attempt starts the output anew. Ids are `attempt-sequence`: a reader that was cut',
      'off goes on with `Last-Event-ID`.',
    ].join(' '),
    request: { params: z.object({ id: z.string() }), headers: headersSchema },
    responses: {
      200: { description: 'The events', content: { 'text/event-stream': { schema: z.string() } } },
      204: { description: '`Last-Event-ID` was that of `done`: there is nothing more' },
      ...problems('invalid_request', 'not_found', 'store_unavailable', ...everywhere),
    },
  },
  scope: 'jobs:read',
  handle: async (c) => {
    readQuery(c, querySchema);
    const id = jobIdOf(c);
    const position = readPosition(c);
    const record = await records.readOf(c.get('caller'), id);
    if (record === null) throw noSuchJob();
    if (position.done && position.starts === record.starts) return c.body(null, 204);
    const listener = feeds.listen(id);
    return streamSSE(c, async (stream) => {
      try {
        await tell(stream, listener, position, c.req.raw.signal);
      } finally {
        listener.leave();
      }
    });
  },
});

function readPosition(c: ApiContext): Position {
  const last = c.req.header('Last-Event-ID');
  if (last === undefined || last === '') return { ...beginning };
  const position = positionOf(last);
  if (position === null)
    throw new ApiError('invalid_request', 'The Last-Event-ID must be the id of an event.');
  return position;
}

/**
 * Writes each event when the one before it was taken, until the end of the job, of the caller or of this process. (To
 * one who is gone a write is over at once.)
 */
async function tell(
  stream: SSEStreamingApi,
  { feed, closing }: Listener,
  position: Position,
  gone: AbortSignal,
): Promise<void> {
  const stopped = AbortSignal.any([gone, closing]);
  const told = {};
  await stream.write(`retry: ${RETRY_MS}\n\n`);
  while (!stopped.aborted) {
    const { version, over } = feed;
    for (const event of feed.eventsAfter(position, told)) {
      await stream.write(event);
      if (stopped.aborted) return;
    }
    if (over) return;
    if (feed.version === version && (await changeOf(feed, stopped)) === 'silence')
      await stream.write(': \n\n');
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
