import type { Scope } from '@jobcell/shared/contract';
import { createMiddleware } from 'hono/factory';
import { ApiError } from '../http/api-error.ts';
import type { ApiEnv } from '../http/context.ts';
import type { Parts } from '../parts.ts';
import { readBearer } from './bearer.ts';

/**
 * Stands before a route that needs `scope`: says who the caller is, counts the request, and lets through who may.
 * A request without a valid key is counted to nobody.
 */
export function authorize({ keys, rateLimit }: Pick<Parts, 'keys' | 'rateLimit'>, scope: Scope) {
  return createMiddleware<ApiEnv>(async function authorize(c, next) {
    const caller = await keys.identify(readBearer(c.env.incoming.headersDistinct.authorization ?? []));
    c.set('caller', caller);
    await rateLimit.count(c, caller);
    if (!caller.scopes.includes(scope))
      throw new ApiError('forbidden', `The key needs the scope ${scope} for this.`);
    await next();
  });
}
