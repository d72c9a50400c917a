import type { RequestErrorCode } from '@jobcell/shared/contract';
import type { ErrorPage } from './error-page.ts';

/** Errors about the request itself, on every route. */
export const requestErrorPages: Record<RequestErrorCode, ErrorPage> = {
  invalid_request: {
    happened:
      'Something in the request breaks a rule: the body is not a JSON object in UTF-8, a field or query parameter is missing, unknown, given twice or out of its bounds, or the request is not valid HTTP.',
    fix: '`detail` names every field at fault, its rule and, where it is a number, its value. `GET /docs` shows the fields of every route.',
    detail: 'timeout_ms must be at least 100; it is 50; "scirpt" is not known here; script is missing.',
  },
  unauthorized: {
    happened:
      'There are API keys (or were: it stays so when the last one is gone), and the request carries none or one that is not valid: `detail` says which rule it breaks.',
    fix: 'Send `Authorization: Bearer <key>`. A key that was revoked or has expired cannot be used again; `npm run keys -- create` makes one.',
    detail: 'The request needs the header Authorization: Bearer <key>.',
  },
  forbidden: {
    happened:
      "The key lacks the scope that the route needs. While there are no keys, it is the `Host` rule: only requests for `localhost`, `127.0.0.1` or `[::1]` are served, so that a web page elsewhere cannot reach a developer's machine.",
    fix: 'Use a key with the scope that `detail` names. While there are no keys, call the API as `http://localhost:<port>`; a reverse proxy must send such a `Host` itself.',
    detail: 'The key needs the scope jobs:write for this.',
  },
  not_found: {
    happened:
      'There is no such path, the path has other methods (they stand in the `Allow` header), or there is no such job: the id is wrong, or its retention is over.',
    fix: 'Check the path and the method. Read a job within its retention: `retained_until` says until when.',
    detail: 'There is no job with this id, or its retention is over.',
  },
  conflict: {
    happened: 'What was asked for does not fit the state that the job is in.',
    fix: 'Read the job with `GET /jobs/{id}`, then decide anew.',
    detail: 'The job has ended already.',
  },
  payload_too_large: {
    happened: 'The body has more than 5 MiB. It is counted as it arrives, whatever `Content-Length` says.',
    fix: 'Send less input; a script has at most 256 KiB, an input 4 MiB.',
    detail: 'A body has at most 5242880 bytes.',
  },
  unsupported_media_type: {
    happened: 'The body is not sent as plain JSON: another `Content-Type`, another charset, or compressed.',
    fix: 'Send `Content-Type: application/json` and no `Content-Encoding`. The charset is UTF-8.',
    detail: 'The body must have the Content-Type application/json, in UTF-8.',
  },
  idempotency_mismatch: {
    happened: 'The `Idempotency-Key` was used in the last 24 hours with another body.',
    fix: 'Use a new key for a new job, and the same body for the same key.',
    detail: 'This Idempotency-Key was used with another body.',
  },
  rate_limited: {
    happened: 'A limit of the tenant is reached: `detail` says which. All keys of a tenant count together.',
    fix: 'Wait as long as `Retry-After` says; `RateLimit-Remaining` says ahead how many requests are left. The operator can raise the limit on the key.',
    detail: 'The requests of this tenant are limited to 1000 a second (requests_per_second).',
  },
  queue_full: {
    happened:
      'Too many jobs wait (`MAX_QUEUED`), or their records fill 80% of the store (`MAX_STORE_MB`). The job was not accepted.',
    fix: 'Try again after `Retry-After` seconds. The operator can add workers or raise the limit that `detail` names.',
    detail: '10000 jobs wait already (MAX_QUEUED).',
  },
  sandbox_unavailable: {
    happened:
      'No worker that can run jobs has been heard of in the last 10 seconds: none is started, all are gone, or none could prove its sandbox. On `POST /validate` also: none took the check in time.',
    fix: 'Start a worker; `GET /ready` says what is missing. `POST /jobs` accepts jobs meanwhile, and they run when a worker is there.',
    detail: 'No worker has been heard of in the last 10 s.',
  },
  store_unavailable: {
    happened:
      'Redis does not answer, or refuses to serve for now. Without a `job_id` the job was most likely not accepted (a lost connection cannot say more); with a `job_id` it was, and goes on.',
    fix: 'Try again after `Retry-After` seconds; the API connects again by itself. With a `job_id`, read the job instead of sending it again.',
    detail: 'Redis does not answer, or refuses to serve for now.',
  },
  internal: {
    happened: 'A fault in Jobcell itself. What went wrong is in its log and is not shown.',
    fix: "Tell the operator the `request_id`: the log's line has the same.",
    detail: 'This is a fault of Jobcell. Its log has more under this request_id.',
  },
};
