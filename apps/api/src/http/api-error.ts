import { type RequestErrorCode, requestErrors } from '@jobcell/shared/contract';

/** Of what is worth another try without a change, the seconds after which where the error itself does not say. */
const usualRetryAfterS: Partial<Record<RequestErrorCode, number>> = {
  rate_limited: 1,
  queue_full: 5,
  sandbox_unavailable: 5,
  store_unavailable: 2,
};

/** A request that is refused with a code of the closed list. `detail` is shown to the caller: no internals in it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: RequestErrorCode;
  readonly detail: string;
  readonly retryAfterS: number | undefined;

  constructor(code: RequestErrorCode, detail: string, options?: ErrorOptions & { retryAfterS?: number }) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
    this.retryAfterS = options?.retryAfterS ?? usualRetryAfterS[code];
  }

  get status(): number {
    return requestErrors[this.code].http;
  }
}

/** The caller hung up before the request was served. */
export class CallerGone extends Error {
  override readonly name = 'CallerGone';
}
