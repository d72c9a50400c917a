import { z } from '@hono/zod-openapi';
import { beginning, type Position, positionOf } from '../events/position.ts';
import { eventStream } from '../events/stream.ts';
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
    const record = await records.readFactsOf(c.get('caller'), id); // thousands may ask: the feed reads all of it, once
    if (record === null) throw noSuchJob();
    if (position.done && position.starts === record.starts) return c.body(null, 204);
    return c.body(eventStream(feeds, id, position, c.env.outgoing), 200, {
      'Content-Type': 'text/event-stream',
      'X-Accel-Buffering': 'no', // else nginx keeps events until it has enough of them
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
