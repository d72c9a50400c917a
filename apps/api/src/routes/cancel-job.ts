import { z } from '@hono/zod-openapi';
import { jobJson } from '@jobcell/shared/store';
import { ApiError } from '../http/api-error.ts';
import { callerGone, jsonText } from '../http/context.ts';
import { readQuery } from '../http/query.ts';
import { jobIdOf, noSuchJob } from '../jobs/job-id.ts';
import type { Parts } from '../parts.ts';
import { everywhere, jobRef, json, problems, type Route } from './route.ts';

const querySchema = z.strictObject({});

/** How long the worker of a running job has to end it. After that its record is ended here: the worker may be lost. */
const WORKER_MS = 1_000;

/** Cancels a job, and answers when it is terminal. */
export const cancelJobRoute = ({ store, records, waiter }: Parts): Route => ({
  doc: {
    method: 'delete',
    path: '/jobs/{id}',
    summary: 'Cancel a job',
    description:
      'A queued job never runs, a running one is killed within a second; what it printed is kept. The answer comes when it is terminal.',
    request: { params: z.object({ id: z.string() }) },
    responses: {
      200: json('The job is cancelled, now or before', jobRef),
      ...problems('invalid_request', 'not_found', 'conflict', 'store_unavailable', ...everywhere),
    },
  },
  scope: 'jobs:write',
  handle: async (c) => {
    readQuery(c, querySchema);
    const id = jobIdOf(c);
    const caller = c.get('caller');
    const { signal } = c.req.raw;
    const wait = waiter.begin(id, { kind: 'execute', timeoutMs: WORKER_MS, signal });
    try {
      let status = await store.cancel(caller.tenant, id, 'ask');
      if (status === 'running') {
        await wait.ended;
        if (signal.aborted) return callerGone(c);
        status = await store.cancel(caller.tenant, id, 'now');
      }
      if (status === null) throw noSuchJob();
      if (status !== 'cancelled')
        throw new ApiError('conflict', `The job has ended already: it is ${status}.`);
    } finally {
      wait.end();
    }
    const record = await records.readOf(caller, id);
    if (record === null) throw noSuchJob();
    return jsonText(c, jobJson(record));
  },
});
