import { z } from '@hono/zod-openapi';
import { keyCreatedSchema, keyRequestSchema } from '@jobcell/shared/contract';
import { withBody } from '../body/read-body.ts';
import { jsonText } from '../http/context.ts';
import { readQuery } from '../http/query.ts';
import type { Parts } from '../parts.ts';
import { bodyErrors, everywhere, json, jsonBody, problems, type Route } from './route.ts';

const querySchema = z.strictObject({});

/** Makes an API key. */
export function createKeyRoute({ keys, bodies, log }: Parts): Route {
  return {
    doc: {
      method: 'post',
      path: '/admin/keys',
      summary: 'Make an API key',
      description:
        'From the first key on, every route but the open ones needs one. The answer is the only time that `key` is shown: Jobcell keeps its hash.',
      request: { body: jsonBody(keyRequestSchema) },
      responses: {
        201: json('The key', keyCreatedSchema),
        ...problems(...bodyErrors, 'store_unavailable', ...everywhere),
      },
    },
    scope: 'admin',
    handle: async (c) => {
      readQuery(c, querySchema);
      const created = await withBody(c, bodies, keyRequestSchema, (fields) => keys.create(fields));
      log.info({ key_id: created.id, tenant: created.tenant, scopes: created.scopes }, 'key made');
      return jsonText(c, JSON.stringify(created), 201);
    },
  };
}
