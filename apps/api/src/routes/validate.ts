import { z } from '@hono/zod-openapi';
import {
  failureCodes,
  limits,
  validateRequestSchema,
  validateResponseSchema,
} from '@jobcell/shared/contract';
import { withBody } from '../body/read-body.ts';
import { ApiError } from '../http/api-error.ts';
import { callerGone, jsonText } from '../http/context.ts';
import { readQuery } from '../http/query.ts';
import { failedAnswer, goesOn, jobHeaders } from '../jobs/answer.ts';
import { runWaiting } from '../jobs/run.ts';
import type { Parts } from '../parts.ts';
import { bodyErrors, everywhere, json, jsonBody, notNow, problems, type Route } from './route.ts';

const querySchema = z.strictObject({});

/** Compiles a script in a jail without running it: a job of kind `check`, whose result is the answer. */
export function validateRoute(parts: Parts): Route {
  const { settings } = parts;
  const bounds = {
    timeout_ms: Math.min(limits.timeoutMs.default, settings.MAX_TIMEOUT_MS),
    memory_mb: Math.min(limits.memoryMb.default, settings.MAX_MEMORY_MB),
  };

  return {
    doc: {
      method: 'post',
      path: '/validate',
      summary: 'Check a script without running it',
      description:
        'Compiles the script inside a jail. A script that is at fault is a 200 with `valid: false`.',
      request: { body: jsonBody(validateRequestSchema) },
      responses: {
        200: json('Whether the script can run, and what stands in its way', validateResponseSchema),
        ...problems(...bodyErrors, 'not_found', ...checkFailures, ...notNow, ...everywhere),
      },
    },
    scope: 'jobs:write',
    handle: async (c) => {
      readQuery(c, querySchema);
      const started = performance.now();
      const record = await runWaiting(c, parts, {
        kind: 'check',
        withFields: (use) =>
          withBody(c, parts.bodies, validateRequestSchema, ({ script }) => use({ script, ...bounds })),
      });
      if (record === null) return callerGone(c);
      jobHeaders(c, record, performance.now() - started);
      if (goesOn(record))
        throw new ApiError('sandbox_unavailable', 'No worker has checked the script in time.');
      if (record.result === null) return failedAnswer(c, record.job);
      return jsonText(c, record.result);
    },
  };
}

/** What can end a compilation: it takes time and memory, but no byte of the script runs. */
const checkFailures = failureCodes.filter((code) =>
  ['timeout', 'memory_limit', 'crashed', 'worker_lost', 'sandbox_failure'].includes(code),
);
