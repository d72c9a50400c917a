import { runtimeResponseSchema } from '@jobcell/shared/contract';
import type { z } from 'zod';
import { ApiError } from '../http/api-error.ts';
import { jsonText } from '../http/context.ts';
import { isProven, whyNotReady } from '../jobs/live-workers.ts';
import type { Parts } from '../parts.ts';
import { everywhere, json, problems, type Route } from './route.ts';

/** What scripts run on now. Where workers differ, the one that enforces its limits less strictly is told of. */
export function runtimeRoute({ workers, settings }: Parts): Route {
  return {
    doc: {
      method: 'get',
      path: '/runtime',
      summary: 'What scripts run on',
      description:
        'Python and packages, isolation, limits and how they are enforced, as the workers say it now.',
      responses: {
        200: json('The runtime', runtimeResponseSchema),
        ...problems('sandbox_unavailable', 'store_unavailable', ...everywhere),
      },
    },
    scope: 'jobs:read',
    handle: async (c) => {
      const live = await workers.list();
      const proven = live.filter(isProven);
      const shown = proven.find(({ facts }) => facts.limits_enforced_by === 'sampling') ?? proven[0];
      if (shown === undefined) throw new ApiError('sandbox_unavailable', `${whyNotReady(live).join('; ')}.`);
      const { runtime, isolation, limits_enforced_by, limits } = shown.facts;
      const body: z.infer<typeof runtimeResponseSchema> = {
        ...runtime,
        isolation,
        limits_enforced_by,
        limits: { ...limits, max_timeout_ms: settings.MAX_TIMEOUT_MS, max_memory_mb: settings.MAX_MEMORY_MB },
        workers: proven.length,
      };
      return jsonText(c, JSON.stringify(body));
    },
  };
}
