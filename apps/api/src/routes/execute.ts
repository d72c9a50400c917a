import { z } from '@hono/zod-openapi';
import {
  executeRequestSchema,
  executeResponseSchema,
  failureCodes,
  jobSchema,
} from '@jobcell/shared/contract';
import { type JobRecord, jobJson } from '@jobcell/shared/store';
import { withBody } from '../body/read-body.ts';
import { callerGone, jsonText } from '../http/context.ts';
import { readQuery } from '../http/query.ts';
import { acceptedAnswer, failedAnswer, goesOn, jobHeaders } from '../jobs/answer.ts';
import { runWaiting } from '../jobs/run.ts';
import type { Parts } from '../parts.ts';
import {
  bodyErrors,
  everywhere,
  header,
  jobRef,
  json,
  jsonBody,
  notNow,
  problems,
  type Route,
} from './route.ts';

const querySchema = z.strictObject({
  include: z.enum(['job']).optional().describe('`job` adds the job object to the answer'),
});

const location = { Location: header('The address of the job') };
const ofJob = {
  'X-Job-Id': header('The id of the job'),
  'Server-Timing': header(
    'Where the time went, in ms: `queue`, `lease` (a slot and its jail), `run`, `store` (the rest), `total`',
  ),
  'X-Truncated': header('`stdout`, `stderr` or both, where they were cut'),
};

/** A job of this route has no `ttl_ms`, so it cannot expire. */
const outcomes = failureCodes.filter((code) => code !== 'expired');

/** Runs a script now and answers with its result, or with what went wrong. */
export function executeRoute(parts: Parts): Route {
  const { settings } = parts;
  const bodySchema = executeRequestSchema({
    timeoutMs: settings.MAX_TIMEOUT_MS,
    memoryMb: settings.MAX_MEMORY_MB,
  });

  return {
    doc: {
      method: 'post',
      path: '/execute',
      summary: 'Run a script now',
      description:
        'Goes through the same queue and workers as `POST /jobs`, ahead of background jobs, and waits for the end.',
      request: { query: querySchema, body: jsonBody(bodySchema) },
      responses: {
        200: json(
          'What `main` returned, and what was printed',
          executeResponseSchema.extend({ job: jobSchema.optional().describe('With `include=job`') }),
          ofJob,
        ),
        202: json('The wait ended first: the job goes on, `Location` is its address', jobRef, {
          ...ofJob,
          ...location,
        }),
        ...problems(...bodyErrors, 'not_found', ...outcomes, ...notNow, ...everywhere),
      },
    },
    scope: 'jobs:write',
    handle: async (c) => {
      const { include } = readQuery(c, querySchema);
      const started = performance.now();
      const record = await runWaiting(c, parts, {
        kind: 'run',
        withFields: (use) => withBody(c, parts.bodies, bodySchema, use),
      });
      if (record === null) return callerGone(c);
      jobHeaders(c, record, performance.now() - started);
      if (goesOn(record)) return acceptedAnswer(c, record);
      if (record.result === null) return failedAnswer(c, record.job);
      return jsonText(c, resultText(record, include === 'job'));
    },
  };
}

/** The result is pasted in as the text that it is (law 2). */
function resultText(record: JobRecord, withJob: boolean): string {
  const more = withJob ? `,"job":${jobJson(record)}` : '';
  return `{"result":${record.result},"stdout":${JSON.stringify(record.job.stdout ?? '')}${more}}`;
}
