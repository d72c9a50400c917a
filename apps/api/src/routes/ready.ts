import { problemSchema, readyResponseSchema } from '@jobcell/shared/contract';
import { z } from 'zod';
import { ApiError } from '../http/api-error.ts';
import { jsonText } from '../http/context.ts';
import { refusal } from '../http/problem.ts';
import { isStoreDown } from '../http/store-down.ts';
import { whyNotReady } from '../jobs/live-workers.ts';
import type { Parts } from '../parts.ts';
import { everywhere, json, problems, type Route } from './route.ts';

/** An error like any other, with the two fields of the 200 beside it. */
const notReadySchema = problemSchema.extend({ ready: z.literal(false), reasons: z.array(z.string()) });

/** Whether a job could run now: Redis answers, and a worker with a proven sandbox is there. */
export const readyRoute = ({ workers, log }: Parts): Route => ({
  doc: {
    method: 'get',
    path: '/ready',
    summary: 'Whether jobs can run now',
    responses: {
      200: json('They can', readyResponseSchema),
      ...problems(...everywhere),
      503: {
        description: 'They cannot: `store_unavailable` or `sandbox_unavailable`, with the reasons',
        content: { 'application/problem+json': { schema: notReadySchema } },
      },
    },
  },
  scope: null,
  handle: async (c) => {
    const refuse = (code: 'store_unavailable' | 'sandbox_unavailable', reasons: string[]) =>
      refusal(c, new ApiError(code, `${reasons.join('; ')}.`), { ready: false, reasons });
    try {
      const reasons = whyNotReady(await workers.list());
      if (reasons.length > 0) return refuse('sandbox_unavailable', reasons);
    } catch (error) {
      if (!isStoreDown(error)) throw error;
      log.warn({ request_id: c.get('requestId') }, 'not ready: redis does not answer');
      return refuse('store_unavailable', ['Redis does not answer']);
    }
    return jsonText(c, JSON.stringify({ ready: true, reasons: [] }));
  },
});
