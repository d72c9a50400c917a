import type { Logger } from '@jobcell/shared/log';
import { ApiError, CallerGone } from './api-error.ts';
import { type ApiContext, callerGone } from './context.ts';
import { errorFrames, errorName } from './error-name.ts';
import { refusal } from './problem.ts';
import { isStoreDown } from './store-down.ts';

/** Turns whatever a route throws into an answer. A bug is `internal`: the log gets its place, the caller its id. */
export function onError(log: Logger) {
  return (error: unknown, c: ApiContext): Response => {
    if (error instanceof ApiError) return refusal(c, error);
    if (error instanceof CallerGone) return callerGone(c);
    const about = { request_id: c.get('requestId'), error: errorName(error) };
    if (isStoreDown(error)) {
      log.warn(about, 'store unavailable');
      return refusal(c, new ApiError('store_unavailable', storeDetail(c)));
    }
    log.error({ ...about, frames: errorFrames(error) }, 'bug');
    return refusal(
      c,
      new ApiError('internal', 'This is a fault of Jobcell. Its log has more under this request_id.'),
    );
  };
}

function storeDetail(c: ApiContext): string {
  const jobId = c.get('jobId');
  if (jobId === undefined) return 'Redis does not answer, or refuses to serve for now.';
  return `Redis does not answer now. The job was accepted and goes on: GET /jobs/${jobId} has its outcome.`;
}
