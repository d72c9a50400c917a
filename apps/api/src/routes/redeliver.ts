import { z } from '@hono/zod-openapi';
import { deliverySchema, limits } from '@jobcell/shared/contract';
import { ApiError } from '../http/api-error.ts';
import { jsonText } from '../http/context.ts';
import { readQuery } from '../http/query.ts';
import { isId } from '../jobs/job-id.ts';
import type { Parts } from '../parts.ts';
import { everywhere, json, problems, type Route } from './route.ts';

const querySchema = z.strictObject({});

/** Sends a delivery again. */
export const redeliverRoute = ({ deliveries }: Parts): Route => ({
  doc: {
    method: 'post',
    path: '/webhooks/deliveries/{id}/redeliver',
    summary: 'Send a webhook again',
    description:
      'Under the same `webhook-id`, now, and with all retries anew. One that waits for its next attempt makes it now.',
    request: { params: z.object({ id: z.string() }) },
    responses: {
      202: json('It is on its way', deliverySchema),
      ...problems('invalid_request', 'not_found', 'conflict', 'store_unavailable', ...everywhere),
    },
  },
  scope: 'jobs:write',
  handle: async (c) => {
    readQuery(c, querySchema);
    const id = c.req.param('id') ?? '';
    const { tenant } = c.get('caller');
    const repeated = isId(id) ? await deliveries.repeat(tenant, id) : null;
    if (repeated === 'attempts')
      throw new ApiError('conflict', `It was tried ${limits.webhook.attempts} times, which is the most.`);
    const delivery = repeated === null ? null : await deliveries.read(tenant, id);
    if (delivery === null)
      throw new ApiError('not_found', 'There is no delivery with this id, or its retention is over.');
    return jsonText(c, JSON.stringify(delivery), 202);
  },
});
