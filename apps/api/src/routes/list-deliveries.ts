import { z } from '@hono/zod-openapi';
import { deliverySchema, deliveryStatusSchema, listSchema } from '@jobcell/shared/contract';
import { jsonText } from '../http/context.ts';
import { NUMBER_CURSOR, pageQuery } from '../http/page-query.ts';
import { readQuery } from '../http/query.ts';
import { isId } from '../jobs/job-id.ts';
import type { Parts } from '../parts.ts';
import { everywhere, json, problems, type Route } from './route.ts';

const querySchema = z.strictObject({
  job_id: z.string().refine(isId, 'must be the id of a job').optional().describe('Only that of this job'),
  status: deliveryStatusSchema
    .optional()
    .describe('Only deliveries of this status; `dead` are the dead letters'),
  ...pageQuery(NUMBER_CURSOR),
});

/** The caller's webhook deliveries, newest first. */
export const listDeliveriesRoute = ({ deliveries }: Parts): Route => ({
  doc: {
    method: 'get',
    path: '/webhooks/deliveries',
    summary: 'List webhook deliveries',
    description:
      "The caller's deliveries with their attempts, newest first. They are kept as long as their jobs, dead letters for longer.",
    request: { query: querySchema },
    responses: {
      200: json('One page', listSchema(deliverySchema)),
      ...problems('invalid_request', 'store_unavailable', ...everywhere),
    },
  },
  scope: 'jobs:read',
  handle: async (c) => {
    const { job_id: jobId = null, status = null, limit, cursor = null } = readQuery(c, querySchema);
    const request = { jobId, status, limit: Number(limit), cursor };
    const { items, next } = await deliveries.list(c.get('caller').tenant, request);
    return jsonText(c, JSON.stringify({ items, next_cursor: next }));
  },
});
