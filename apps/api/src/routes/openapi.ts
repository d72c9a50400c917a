import { z } from 'zod';
import type { OpenApiDocument } from '../docs/openapi.ts';
import { jsonText } from '../http/context.ts';
import { everywhere, json, problems, type Route } from './route.ts';

/** The OpenAPI document, made once when it is first asked for. */
export function openApiRoute(document: () => OpenApiDocument): Route {
  let text: string | undefined;
  return {
    doc: {
      method: 'get',
      path: '/openapi.json',
      summary: 'This document',
      responses: {
        200: json('OpenAPI 3.1', z.looseObject({ openapi: z.string() })),
        ...problems(...everywhere),
      },
    },
    scope: null,
    handle: (c) => {
      text ??= JSON.stringify(document());
      return jsonText(c, text);
    },
  };
}
