import { OpenAPIHono } from '@hono/zod-openapi';
import { jobSchema, limits, problemSchema } from '@jobcell/shared/contract';
import { problems, type Route, rateLimitHeaders, rateLimitRefs } from '../routes/route.ts';

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

/** The OpenAPI 3.1 document of `routes`, made from the schemas that validate. It parses no request. */
export function openApiDocument(routes: Route[]): OpenApiDocument {
  const { openAPIRegistry, getOpenAPI31Document } = new OpenAPIHono();
  // Only schemas made after `@hono/zod-openapi` was loaded can be registered, hence the clones.
  openAPIRegistry.register('Job', jobSchema.clone());
  openAPIRegistry.register('Problem', problemSchema.clone());
  openAPIRegistry.registerComponent('securitySchemes', 'key', keyScheme);
  for (const [name, said] of Object.entries(rateLimitHeaders))
    openAPIRegistry.registerComponent('headers', name, said);
  for (const route of routes) openAPIRegistry.registerPath(withAccess(route));
  return getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Jobcell',
      version: '0.1.0',
      description: [
        "Runs other people's Python scripts, each in its own nsjail jail.",
        `Bodies are JSON up to ${limits.bodyBytes} bytes; unknown fields are refused by name.`,
        'Durations end in `_ms`, sizes in `_bytes` or `_mb` (MiB), times are RFC 3339 UTC.',
      ].join(' '),
    },
    servers: [{ url: '/' }],
  });
}

const keyScheme = {
  type: 'http',
  scheme: 'bearer',
  description:
    'An API key. Needed as soon as there is one; what stands beside it are the scopes that it must have.',
} as const;

/**
 * A route's documentation with what its scope brings: the key, what is answered to those who may not call it, and the
 * headers of those who may.
 */
function withAccess({ doc, scope }: Route): Route['doc'] {
  if (scope === null) return { ...doc, security: [] };
  const refusals = problems('unauthorized', 'forbidden', 'rate_limited', 'store_unavailable');
  const own = Object.entries(doc.responses).map(([status, response]) => {
    if (!status.startsWith('2') || '$ref' in response) return [status, response];
    return [status, { ...response, headers: { ...response.headers, ...rateLimitRefs } }];
  });
  return {
    ...doc,
    security: [{ key: [scope] }],
    responses: { ...refusals, ...Object.fromEntries(own) },
  };
}
