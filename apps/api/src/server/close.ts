import type { Parts } from '../parts.ts';
import type { ApiServer } from './server.ts';

/** Before the end of the grace, so that a caller of `/execute` still gets the 202 for the job that goes on. */
const LAST_ANSWERS_MS = 1_000;

/**
 * Stops accepting at once, answers the open long polls with the present state, ends the open streams, and lets the other requests end
 * within `graceMs`. What is still open then is cut.
 */
export async function closeServer(
  { server, connections }: ApiServer,
  { waiter, feeds }: Pick<Parts, 'waiter' | 'feeds'>,
  graceMs: number,
): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  waiter.release('poll');
  feeds.close();
  connections.drain();
  const answer = setTimeout(() => waiter.release('execute'), Math.max(0, graceMs - LAST_ANSWERS_MS));
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(answer);
  clearTimeout(cut);
}
