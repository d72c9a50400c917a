import type { HttpBindings } from '@hono/node-server';
import type { Caller } from '@jobcell/shared/contract';
import type { Context } from 'hono';

/**
 * What a request carries: Node's own request and answer, its id, who sent it (on routes that need a scope), and the job
 * once that is known.
 */
export type ApiEnv = {
  Bindings: HttpBindings;
  Variables: { requestId: string; caller: Caller; jobId?: string };
};
export type ApiContext = Context<ApiEnv>;

/** Answers with JSON text as it is. */
export const jsonText = (c: ApiContext, text: string, status: 200 | 201 | 202 = 200): Response =>
  c.body(text, status, { 'Content-Type': 'application/json' });

/** What is answered to a caller who has hung up: nobody reads it, but the access log does. */
export const callerGone = (c: ApiContext): Response => c.body(null, 499 as 400);
