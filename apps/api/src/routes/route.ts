import type { RouteConfig } from '@hono/zod-openapi';
import { failures, type ProblemCode, requestErrors, type Scope } from '@jobcell/shared/contract';
import type { z } from 'zod';
import type { ApiContext } from '../http/context.ts';

/** A route and its documentation, in one place: what is served is what `GET /openapi.json` says. */
export type Route = {
  doc: RouteConfig;
  /** What a caller's key must have for it; `null` is open to all. */
  scope: Scope | null;
  handle: (c: ApiContext) => Response | Promise<Response>;
};

type Responses = RouteConfig['responses'];
type ResponseConfig = {
  description: string;
  content: Record<string, { schema: Schema }>;
  headers?: Record<string, Header>;
};
type Header = { description: string; schema: { type: 'string' | 'integer' } } | { $ref: string };
type Schema = z.ZodType | { $ref: string };

/** The two schemas that stand once in the document, and are referred to. */
export const jobRef = { $ref: '#/components/schemas/Job' };
const problemRef = { $ref: '#/components/schemas/Problem' };

/** The headers that stand once in the document: on every answer to a caller with a key. */
export const rateLimitHeaders: Record<string, Header> = {
  'RateLimit-Limit': header('Requests a second that the tenant may send', 'integer'),
  'RateLimit-Remaining': header('What is left of them', 'integer'),
  'RateLimit-Reset': header('Seconds until all are there again', 'integer'),
};
export const rateLimitRefs: Record<string, Header> = Object.fromEntries(
  Object.keys(rateLimitHeaders).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
);

/** What a response with a JSON body of `schema` is in the documentation. */
export const json = (
  description: string,
  schema: Schema,
  headers?: Record<string, Header>,
): ResponseConfig => ({
  description,
  content: { 'application/json': { schema } },
  ...(headers === undefined ? {} : { headers }),
});

export function header(description: string, type: 'string' | 'integer' = 'string'): Header {
  return { description, schema: { type } };
}

export const jsonBody = (schema: z.ZodType) => ({
  required: true,
  content: { 'application/json': { schema } },
});

/** The problem responses of a route, one for each HTTP status that its codes have. */
export function problems(...codes: ProblemCode[]): Responses {
  const rules: Record<ProblemCode, { http: number; title: string }> = { ...requestErrors, ...failures };
  const lines = new Map<number, string[]>();
  for (const code of new Set(codes)) {
    const { http, title } = rules[code];
    lines.set(http, [...(lines.get(http) ?? []), `\`${code}\`: ${title}`]);
  }
  const content = { 'application/problem+json': { schema: problemRef } };
  return Object.fromEntries(
    [...lines].map(([http, said]) => {
      const headers = headersOf[http] === undefined ? {} : { headers: headersOf[http] };
      return [http, { description: said.join('. '), content, ...headers }];
    }),
  );
}

const retryAfter = { 'Retry-After': header('In seconds', 'integer') };
const headersOf: Record<number, Record<string, Header>> = {
  401: { 'WWW-Authenticate': header('`Bearer`') },
  429: { ...retryAfter, ...rateLimitRefs },
  503: retryAfter,
};

/** What any route that reads a JSON body can refuse. */
export const bodyErrors = ['invalid_request', 'payload_too_large', 'unsupported_media_type'] as const;
/** What any route that needs a worker can answer. */
export const notNow = ['queue_full', 'sandbox_unavailable', 'store_unavailable'] as const;
/** What any route can answer. */
export const everywhere = ['forbidden', 'internal'] as const;
