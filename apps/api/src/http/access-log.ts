import type { Caller } from '@jobcell/shared/contract';
import type { Logger } from '@jobcell/shared/log';
import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import type { ApiEnv } from './context.ts';

/** One line a request. The route's pattern and not the path: what a caller wrote there may be a secret. */
export function accessLog(log: Logger) {
  return createMiddleware<ApiEnv>(async function accessLog(c, next) {
    const started = performance.now();
    await next();
    const route = routePath(c, -1);
    const caller: Caller | undefined = c.get('caller'); // none on an open route, or before it is known
    log.info(
      {
        method: c.req.method,
        route: route === '/*' ? null : route,
        status: c.res.status,
        ms: Math.round((performance.now() - started) * 10) / 10,
        request_id: c.get('requestId'),
        key_id: caller?.key ?? undefined,
        tenant: caller?.tenant,
        job_id: c.get('jobId'),
      },
      'request',
    );
  });
}
