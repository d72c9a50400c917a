import { type RequestErrorCode, requestErrors } from '@jobcell/shared/contract';

/** Of what is worth another try without a change, the seconds after which. */
const retryAfterS: Partial<Record<RequestErrorCode, number>> = {
  queue_full: 5,
  sandbox_unavailable: 5,
  store_unavailable: 2,
};

/** A request that is refused with a code of the closed list. `detail` is shown to the caller: no internals in it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: RequestErrorCode;
  readonly detail: string;

  constructor(code: RequestErrorCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }

  get status(): number {
    return requestErrors[this.code].http;
  }

  get retryAfterS(): number | undefined {
    return retryAfterS[this.code];
  }
}

/** The caller hung up before the request was served. */
export class CallerGone extends Error {
  override readonly name = 'CallerGone';
}
