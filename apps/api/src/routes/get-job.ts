import { z } from '@hono/zod-openapi';
import { limits } from '@jobcell/shared/contract';
import { type JobRecord, jobJson } from '@jobcell/shared/store';
import { type ApiContext, callerGone, jsonText } from '../http/context.ts';
import { readQuery } from '../http/query.ts';
import { wholeNumber } from '../http/whole-number.ts';
import { goesOn } from '../jobs/answer.ts';
import { jobIdOf, noSuchJob } from '../jobs/job-id.ts';
import type { Parts } from '../parts.ts';
import { everywhere, jobRef, json, problems, type Route } from './route.ts';

const querySchema = z.strictObject({
  wait_ms: wholeNumber('Answers as soon as the job is terminal, or after this long', limits.waitMs),
});

/** The job object, at once or when it is terminal. */
export function getJobRoute(parts: Parts): Route {
  return {
    doc: {
      method: 'get',
      path: '/jobs/{id}',
      summary: 'Read a job',
      description:
        'Jobs are deleted when their retention is over, one hour after their end unless the operator says otherwise.',
      request: { params: z.object({ id: z.string() }), query: querySchema },
      responses: {
        200: json('The job as it is now', jobRef),
        ...problems('invalid_request', 'not_found', 'store_unavailable', ...everywhere),
      },
    },
    scope: 'jobs:read',
    handle: async (c) => {
      const waitMs = Number(readQuery(c, querySchema).wait_ms);
      const id = jobIdOf(c);
      const record =
        waitMs === 0
          ? await parts.records.readOf(c.get('caller'), id)
          : await readWaiting(c, parts, id, waitMs);
      if (c.req.raw.signal.aborted) return callerGone(c);
      if (record === null) throw noSuchJob();
      return jsonText(c, jobJson(record));
    },
  };
}

async function readWaiting(
  c: ApiContext,
  parts: Parts,
  id: string,
  timeoutMs: number,
): Promise<JobRecord | null> {
  const { signal } = c.req.raw;
  const read = () => parts.records.readOf(c.get('caller'), id);
  const wait = parts.waiter.begin(id, { kind: 'poll', timeoutMs, signal });
  try {
    const record = await read();
    if (record === null || !goesOn(record)) return record;
    await wait.ended;
    return signal.aborted ? record : await read();
  } finally {
    wait.end();
  }
}
