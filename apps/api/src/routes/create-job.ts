import { randomUUID } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { jobRequestSchema } from '@jobcell/shared/contract';
import { withBody } from '../body/read-body.ts';
import { ApiError } from '../http/api-error.ts';
import { readQuery } from '../http/query.ts';
import { acceptedAnswer } from '../jobs/answer.ts';
import { accept, enqueue } from '../jobs/submit.ts';
import type { Parts } from '../parts.ts';
import { bodyErrors, everywhere, header, jobRef, json, jsonBody, problems, type Route } from './route.ts';

const querySchema = z.strictObject({});

/** Accepts a script to run in the background, whether a worker is there or not. */
export function createJobRoute(parts: Parts): Route {
  const { settings, bodies, records } = parts;
  const bodySchema = jobRequestSchema({
    timeoutMs: settings.MAX_TIMEOUT_MS,
    memoryMb: settings.MAX_MEMORY_MB,
  });

  return {
    doc: {
      method: 'post',
      path: '/jobs',
      summary: 'Run a script in the background',
      description:
        'Accepted while no worker is there, too. `GET /jobs/{id}?wait_ms=30000` waits for its end.',
      request: { body: jsonBody(bodySchema) },
      responses: {
        202: json('Accepted', jobRef, { Location: header('The address of the job') }),
        ...problems(...bodyErrors, 'not_found', 'queue_full', 'store_unavailable', ...everywhere),
      },
    },
    scope: 'jobs:write',
    handle: async (c) => {
      readQuery(c, querySchema);
      const id = randomUUID();
      await withBody(c, bodies, bodySchema, (fields) =>
        accept(c, parts, { id, kind: 'run', lane: 'background', fields }),
      );
      const [record] = await Promise.all([records.read(id), enqueue(parts, id, 'background')]);
      if (record === null)
        throw new ApiError('not_found', 'The job ended, and its retention was over at once.');
      return acceptedAnswer(c, record);
    },
  };
}
