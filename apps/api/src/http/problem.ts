import {
  type FailureCode,
  failures,
  type JobError,
  type Problem,
  type ProblemCode,
  requestErrors,
} from '@jobcell/shared/contract';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { ApiError } from './api-error.ts';
import type { ApiContext } from './context.ts';

export const PROBLEM_TYPE = 'application/problem+json';

const rules: Record<ProblemCode, { http: number; title: string }> = { ...requestErrors, ...failures };

/** The body of an error (RFC 9457). Its `type` is the code's section on the page at `/docs`. */
export function problemBody(code: ProblemCode, detail: string, requestId: string): Problem {
  const { http, title } = rules[code];
  return { type: `/docs#${code}`, title, status: http, detail, code, request_id: requestId };
}

/** Answers a refused request. `more` are members that the route adds. */
export function refusal(c: ApiContext, error: ApiError, more: Record<string, unknown> = {}): Response {
  if (error.retryAfterS !== undefined) c.header('Retry-After', String(error.retryAfterS));
  if (error.code === 'unauthorized') c.header('WWW-Authenticate', 'Bearer');
  const jobId = c.get('jobId');
  const body = {
    ...problemBody(error.code, error.detail, c.get('requestId')),
    ...(jobId === undefined ? {} : { job_id: jobId }),
    ...more,
  };
  return problemResponse(c, body);
}

/** Answers for a job that did not succeed. */
export function failure(
  c: ApiContext,
  job: { id: string; stdout: string | null; stderr: string | null },
  error: JobError & { code: FailureCode },
): Response {
  return problemResponse(c, {
    ...problemBody(error.code, error.message, c.get('requestId')),
    job_id: job.id,
    stdout: job.stdout ?? '',
    stderr: job.stderr ?? '',
    error,
  });
}

const problemResponse = (c: ApiContext, body: Problem): Response =>
  c.body(JSON.stringify(body), body.status as ContentfulStatusCode, { 'Content-Type': PROBLEM_TYPE });

/** The path exists with other methods. The closed list of codes has no 405, so this is `not_found` too. */
export function wrongMethod(c: ApiContext, methods: string[]): Response {
  c.header('Allow', methods.join(', '));
  return refusal(
    c,
    new ApiError('not_found', `This path answers ${methods.join(' and ')}, not ${c.req.method}.`),
  );
}
