import { z } from '@hono/zod-openapi';
import { isTerminal } from '@jobcell/shared/contract';
import { ApiError } from '../http/api-error.ts';
import { readQuery } from '../http/query.ts';
import { jobIdOf, noSuchJob } from '../jobs/job-id.ts';
import type { Parts } from '../parts.ts';
import { everywhere, problems, type Route } from './route.ts';

const querySchema = z.strictObject({});

/** Deletes what a job holds of its caller's data before its retention is over. */
export const deleteJobDataRoute = ({ store }: Parts): Route => ({
  doc: {
    method: 'delete',
    path: '/jobs/{id}/data',
    summary: "Delete a job's data",
    description: 'Script, input, output and result of a terminal job are gone; the rest of the record stays.',
    request: { params: z.object({ id: z.string() }) },
    responses: {
      204: { description: 'They are gone' },
      ...problems('invalid_request', 'not_found', 'conflict', 'store_unavailable', ...everywhere),
    },
  },
  scope: 'jobs:write',
  handle: async (c) => {
    readQuery(c, querySchema);
    const status = await store.deleteData(c.get('caller').tenant, jobIdOf(c));
    if (status === null) throw noSuchJob();
    if (!isTerminal(status)) throw new ApiError('conflict', `The job is ${status}: cancel it first.`);
    return c.body(null, 204);
  },
});
