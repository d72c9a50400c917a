import { z } from 'zod';
import { type FailureCode, failureCodes, jobErrorSchema } from './outcome.ts';

/** Errors about the request itself, on every route: the closed list. */
export const requestErrors = {
  invalid_request: { http: 400, title: 'The request is not valid' },
  unauthorized: { http: 401, title: 'A key is needed' },
  forbidden: { http: 403, title: 'This is not allowed' },
  not_found: { http: 404, title: 'There is nothing here' },
  conflict: { http: 409, title: 'The state does not allow this' },
  payload_too_large: { http: 413, title: 'The body is too large' },
  unsupported_media_type: { http: 415, title: 'The body is not JSON' },
  idempotency_mismatch: { http: 422, title: 'The idempotency key was used with another body' },
  rate_limited: { http: 429, title: 'Too many requests' },
  queue_full: { http: 503, title: 'The backlog is full' },
  sandbox_unavailable: { http: 503, title: 'No worker is ready' },
  store_unavailable: { http: 503, title: 'The store does not answer' },
  internal: { http: 500, title: 'Something went wrong in Jobcell' },
} as const;

export type RequestErrorCode = keyof typeof requestErrors;

export const requestErrorCodes = Object.keys(requestErrors) as [RequestErrorCode, ...RequestErrorCode[]];

/** Every error body (RFC 9457). The last four fields stand there when a script failed. */
export const problemSchema = z.strictObject({
  type: z.string().describe('A link to the page of the code'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum([...requestErrorCodes, ...failureCodes]),
  request_id: z.string(),
  job_id: z.string().optional(),
  stdout: z.string().optional(),
  stderr: z.string().optional(),
  error: jobErrorSchema.optional(),
});
export type Problem = z.infer<typeof problemSchema>;
export type ProblemCode = RequestErrorCode | FailureCode;
