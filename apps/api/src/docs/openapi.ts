import { OpenAPIHono } from '@hono/zod-openapi';
import { jobSchema, limits, problemSchema } from '@jobcell/shared/contract';
import type { Route } from '../routes/route.ts';

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

/** The OpenAPI 3.1 document of `routes`, made from the schemas that validate. It parses no request. */
export function openApiDocument(routes: Route[]): OpenApiDocument {
  const { openAPIRegistry, getOpenAPI31Document } = new OpenAPIHono();
  // Only schemas made after `@hono/zod-openapi` was loaded can be registered, hence the clones.
  openAPIRegistry.register('Job', jobSchema.clone());
  openAPIRegistry.register('Problem', problemSchema.clone());
  for (const { doc } of routes) openAPIRegistry.registerPath(doc);
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
