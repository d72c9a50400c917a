import { z } from 'zod';
import type { OpenApiDocument } from '../docs/openapi.ts';
import { docsPage, docsPolicy } from '../docs/page.ts';
import { everywhere, problems, type Route } from './route.ts';

/** The page for people. It loads nothing and runs nothing. */
export function docsRoute(document: () => OpenApiDocument): Route {
  const pages = new Map<string, string>();
  return {
    doc: {
      method: 'get',
      path: '/docs',
      summary: 'This documentation as a page',
      responses: {
        200: { description: 'HTML', content: { 'text/html': { schema: z.string() } } },
        ...problems(...everywhere),
      },
    },
    scope: null,
    handle: (c) => {
      const { origin } = new URL(c.req.url); // of the Host header: any, where there are keys
      const page = pages.get(origin) ?? docsPage(document(), origin);
      if (pages.size < 8) pages.set(origin, page);
      return c.body(page, 200, {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': docsPolicy,
      });
    },
  };
}
