import { openApiDocument } from '../docs/openapi.ts';
import type { Parts } from '../parts.ts';
import { cancelJobRoute } from './cancel-job.ts';
import { createJobRoute } from './create-job.ts';
import { createKeyRoute } from './create-key.ts';
import { deleteJobDataRoute } from './delete-job-data.ts';
import { docsRoute } from './docs.ts';
import { executeRoute } from './execute.ts';
import { getJobRoute } from './get-job.ts';
import { healthRoute } from './health.ts';
import { jobEventsRoute } from './job-events.ts';
import { listDeliveriesRoute } from './list-deliveries.ts';
import { listJobsRoute } from './list-jobs.ts';
import { listKeysRoute } from './list-keys.ts';
import { openApiRoute } from './openapi.ts';
import { readyRoute } from './ready.ts';
import { redeliverRoute } from './redeliver.ts';
import { revokeKeyRoute } from './revoke-key.ts';
import type { Route } from './route.ts';
import { runtimeRoute } from './runtime.ts';
import { validateRoute } from './validate.ts';

/** All routes, in the order in which the documentation shows them. The last two show the others and themselves. */
export function allRoutes(parts: Parts): Route[] {
  const document = () => openApiDocument(routes);
  const routes: Route[] = [
    executeRoute(parts),
    createJobRoute(parts),
    getJobRoute(parts),
    listJobsRoute(parts),
    jobEventsRoute(parts),
    cancelJobRoute(parts),
    deleteJobDataRoute(parts),
    validateRoute(parts),
    runtimeRoute(parts),
    listDeliveriesRoute(parts),
    redeliverRoute(parts),
    createKeyRoute(parts),
    listKeysRoute(parts),
    revokeKeyRoute(parts),
    healthRoute(),
    readyRoute(parts),
    openApiRoute(document),
    docsRoute(document),
  ];
  return routes;
}
