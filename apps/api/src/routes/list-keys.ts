import { z } from '@hono/zod-openapi';
import { keySchema, limits, listSchema } from '@jobcell/shared/contract';
import { KEY_CURSOR } from '@jobcell/shared/keys';
import { jsonText } from '../http/context.ts';
import { readQuery } from '../http/query.ts';
import { wholeNumber } from '../http/whole-number.ts';
import type { Parts } from '../parts.ts';
import { everywhere, json, problems, type Route } from './route.ts';

const querySchema = z.strictObject({
  limit: wholeNumber('Most items of the page', limits.page),
  cursor: z
    .string()
    .refine((text) => KEY_CURSOR.test(text), 'must be a next_cursor of this list')
    .optional()
    .describe('The `next_cursor` of the page before'),
});

/** Lists the API keys, newest first. An expired key stays in the list until it is deleted. */
export function listKeysRoute({ keys }: Parts): Route {
  return {
    doc: {
      method: 'get',
      path: '/admin/keys',
      summary: 'List the API keys',
      description: 'Newest first, without secrets. Expired keys are there until they are deleted.',
      request: { query: querySchema },
      responses: {
        200: json('The keys', listSchema(keySchema)),
        ...problems('invalid_request', 'store_unavailable', ...everywhere),
      },
    },
    scope: 'admin',
    handle: async (c) => {
      const { limit, cursor } = readQuery(c, querySchema);
      return jsonText(c, JSON.stringify(await keys.list(Number(limit), cursor ?? null)));
    },
  };
}
