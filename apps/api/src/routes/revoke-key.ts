import { z } from '@hono/zod-openapi';
import { ApiError } from '../http/api-error.ts';
import { readQuery } from '../http/query.ts';
import type { Parts } from '../parts.ts';
import { everywhere, problems, type Route } from './route.ts';

const querySchema = z.strictObject({});

/** Revokes an API key: within a second no API process takes it any more. */
export function revokeKeyRoute({ keys, log }: Parts): Route {
  return {
    doc: {
      method: 'delete',
      path: '/admin/keys/{id}',
      summary: 'Revoke an API key',
      description:
        'Within a second it is refused everywhere; requests that it began before go on. When the last key is revoked, a key is still needed.',
      request: { params: z.object({ id: z.string() }) },
      responses: {
        204: { description: 'It is revoked' },
        ...problems('invalid_request', 'not_found', 'store_unavailable', ...everywhere),
      },
    },
    scope: 'admin',
    handle: async (c) => {
      readQuery(c, querySchema);
      const id = c.req.param('id') ?? '';
      if (!ID.test(id) || !(await keys.revoke(id)))
        throw new ApiError('not_found', 'There is no key with this id.');
      log.info({ key_id: id }, 'key revoked');
      return c.body(null, 204);
    },
  };
}

const ID = /^[0-9a-f]{32}$/;
