import { z } from '@hono/zod-openapi';
import { jobStatusSchema, listedJobSchema, listSchema } from '@jobcell/shared/contract';
import { jsonText } from '../http/context.ts';
import { NUMBER_CURSOR, pageQuery } from '../http/page-query.ts';
import { readQuery } from '../http/query.ts';
import type { Parts } from '../parts.ts';
import { everywhere, json, problems, type Route } from './route.ts';

const querySchema = z.strictObject({
  status: jobStatusSchema.optional().describe('Only jobs of this status'),
  ...pageQuery(NUMBER_CURSOR),
});

/** The caller's jobs, newest first. */
export const listJobsRoute = ({ store }: Parts): Route => ({
  doc: {
    method: 'get',
    path: '/jobs',
    summary: 'List jobs',
    description:
      "The caller's jobs, newest first, without script, input, result and output. `next_cursor` is `null` at the end.",
    request: { query: querySchema },
    responses: {
      200: json('One page', listSchema(listedJobSchema)),
      ...problems('invalid_request', 'store_unavailable', ...everywhere),
    },
  },
  scope: 'jobs:read',
  handle: async (c) => {
    const { status = null, limit, cursor = null } = readQuery(c, querySchema);
    const page = await store.list(c.get('caller').tenant, { status, limit: Number(limit), cursor });
    const items = page.jobs.map(({ stdout: _stdout, stderr: _stderr, ...listed }) => listed);
    return jsonText(c, JSON.stringify({ items, next_cursor: page.next }));
  },
});
