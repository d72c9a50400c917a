/** Bounds of the wire contract that no operator changes. Sizes in bytes, durations in milliseconds. */
export const limits = {
  bodyBytes: 5 * 1024 * 1024,
  scriptBytes: 256 * 1024,
  /** Of `input` and of `result`, as JSON text. */
  jsonBytes: 4 * 1024 * 1024,
  /** Arrays and objects around the innermost value of `input` and of `result`. */
  jsonDepth: 200,
  timeoutMs: { minimum: 100, default: 5_000 },
  memoryMb: { minimum: 32, default: 256 },
  waitMs: { minimum: 0, default: 0, maximum: 30_000 },
  /** How far ahead `delay_ms` and `ttl_ms` may reach. */
  laterMs: 30 * 24 * 3_600_000,
  /** Of `metadata`, as JSON text. */
  metadataBytes: 4 * 1024,
  /** Of a webhook: its URL's length, its headers as JSON text, what is kept of an answer, and after how many attempts it is not redelivered. */
  webhook: { urlLength: 2048, headersBytes: 4 * 1024, excerptBytes: 1024, attempts: 30 },
  /** Of an `Idempotency-Key`. */
  idempotencyKeyLength: 255,
  /** Items of one page of a list. */
  page: { minimum: 1, default: 50, maximum: 100 },
  /** Starts of one job in all, where the fault is Jobcell's. */
  attempts: 3,
  /** A worker that has not been heard of for this long takes no jobs, for all that others know. */
  heartbeatMs: 10_000,
} as const;
