import { randomUUID } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from './context.ts';

const SANE = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's own id for the request where it is one that can stand in a log and a header, else a new one. */
export const requestIdFrom = (asked: string | undefined): string =>
  asked !== undefined && SANE.test(asked) ? asked : randomUUID();

/** Gives each request its id and says it in `X-Request-Id`. Hono's own takes other characters. */
export const requestId = createMiddleware<ApiEnv>(async function requestId(c, next) {
  const id = requestIdFrom(c.req.header('X-Request-Id'));
  c.set('requestId', id);
  c.header('X-Request-Id', id);
  await next();
});
