import { z } from '@hono/zod-openapi';
import { keySchema, listSchema } from '@jobcell/shared/contract';
import { KEY_CURSOR } from '@jobcell/shared/keys';
import { jsonText } from '../http/context.ts';
import { pageQuery } from '../http/page-query.ts';
import { readQuery } from '../http/query.ts';
import type { Parts } from '../parts.ts';
import { everywhere, json, problems, type Route } from './route.ts';

const querySchema = z.strictObject({
  ...pageQuery(KEY_CURSOR),
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
