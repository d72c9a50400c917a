import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { secureHeaders } from 'hono/secure-headers';
import { authorize } from './auth/authorize.ts';
import { accessLog } from './http/access-log.ts';
import { ApiError } from './http/api-error.ts';
import type { ApiEnv } from './http/context.ts';
import { onError } from './http/on-error.ts';
import { refusal, wrongMethod } from './http/problem.ts';
import { requestId } from './http/request-id.ts';
import { unreadBody } from './http/unread-body.ts';
import type { Parts } from './parts.ts';
import { allRoutes } from './routes/index.ts';

/** The routes behind what every request passes through. It is served by `createServer`, which keeps the Host rule. */
export function createApp(parts: Parts): Hono<ApiEnv> {
  const { settings, log } = parts;
  const app = new Hono<ApiEnv>();
  app.use(requestId, accessLog(log), unreadBody, secureHeaders(headers), noStore);
  if (settings.CORS_ORIGINS.length > 0) app.use(cors(crossOrigin(settings.CORS_ORIGINS)));
  app.use(methodNotAllowed({ app, onMethodNotAllowed: wrongMethod }));
  for (const { doc, scope, handle } of allRoutes(parts)) {
    const path = doc.path.replaceAll(/\{(\w+)\}/g, ':$1');
    if (scope !== null) app.on(doc.method, path, authorize(parts, scope));
    app.on(doc.method, path, handle);
  }
  app.notFound((c) =>
    refusal(c, new ApiError('not_found', 'There is no such path; GET /docs shows those that are.')),
  );
  app.onError(onError(log));
  return app;
}

/** Answers hold callers' data. */
const noStore = createMiddleware<ApiEnv>(async function noStore(c, next) {
  c.header('Cache-Control', 'no-store');
  await next();
});

/** Of answers that no page should frame or sniff; a route may say otherwise. TLS is the business of a proxy. */
const headers: Parameters<typeof secureHeaders>[0] = {
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  strictTransportSecurity: false,
  xFrameOptions: 'DENY',
  overwrite: false,
};

const crossOrigin = (origin: string[]) => ({
  origin,
  allowMethods: ['GET', 'POST', 'DELETE'],
  allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'Last-Event-ID', 'X-Request-Id'],
  exposeHeaders: [
    ...['Location', 'Retry-After', 'Server-Timing', 'X-Job-Id', 'X-Request-Id', 'X-Truncated'],
    ...['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'WWW-Authenticate'],
  ],
  maxAge: 600,
});
