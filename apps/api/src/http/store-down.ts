/** What Redis says when it cannot serve now; any other reply to a command of ours is a bug. */
const STATES =
  /\b(?:OOM|LOADING|READONLY|MISCONF|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|BUSY|NOAUTH|WRONGPASS|NOPERM)\b/;

/** What ioredis and BullMQ throw, as plain errors, when the connection is not there or does not answer in time. */
const CONNECTION =
  /^(?:Command timed out|Connection is closed\.?|Stream isn't writeable|Reached the max retries per request)/;

/** The system calls of a socket: whatever they fail with, the connection is not usable. */
const SOCKET_CALLS = new Set(['connect', 'read', 'write', 'getaddrinfo']);

/** Whether `error` came from a Redis that is down, cannot be reached, or refuses to serve for now. */
export function isStoreDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { syscall } = error as NodeJS.ErrnoException;
  if (syscall !== undefined) return SOCKET_CALLS.has(syscall);
  if (error.name === 'ReplyError') return STATES.test(error.message);
  return error.name === 'AbortError' || CONNECTION.test(error.message);
}
