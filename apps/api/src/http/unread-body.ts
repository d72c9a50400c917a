import type { IncomingMessage } from 'node:http';
import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from './context.ts';

/** How long a body is dropped that goes on coming, and how long a silent one is waited for. */
const DROP_MS = { atMost: 2_000, silence: 500 };

/**
 * Reads and drops what of the body is still to come. A connection that is closed over unread bytes is reset, and the
 * answer is lost with it, so a refusal is said after the body. Nothing is kept, and an endless body is not waited for.
 */
export async function dropBody(incoming: IncomingMessage): Promise<void> {
  if (incoming.readableEnded || incoming.destroyed) return;
  const { promise: dropped, resolve } = Promise.withResolvers<void>();
  const drop = () => silence.refresh();
  const timer = setTimeout(resolve, DROP_MS.atMost);
  const silence = setTimeout(resolve, DROP_MS.silence);
  incoming.on('data', drop).once('end', resolve).once('close', resolve).once('error', resolve);
  await dropped;
  clearTimeout(timer);
  clearTimeout(silence);
  incoming.off('data', drop).off('end', resolve).off('close', resolve).off('error', resolve);
}

/** Drops the body where the answer was made without it. */
export const unreadBody = createMiddleware<ApiEnv>(async function unreadBody(c, next) {
  await next();
  if (!c.env.incoming.complete) await dropBody(c.env.incoming);
});
