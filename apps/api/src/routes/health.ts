import { healthResponseSchema } from '@jobcell/shared/contract';
import { jsonText } from '../http/context.ts';
import { everywhere, json, problems, type Route } from './route.ts';

/** Whether the process is alive; it asks nobody. */
export const healthRoute = (): Route => ({
  doc: {
    method: 'get',
    path: '/health',
    summary: 'Whether the API is alive',
    responses: { 200: json('It is', healthResponseSchema), ...problems(...everywhere) },
  },
  scope: null,
  handle: (c) => jsonText(c, '{"status":"ok"}'),
});
