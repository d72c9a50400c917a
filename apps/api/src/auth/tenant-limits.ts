import type { Settings } from '@jobcell/shared/config';
import type { Key, TenantLimits } from '@jobcell/shared/contract';

export type LimitSettings = Pick<
  Settings,
  | 'TENANT_REQUESTS_PER_SECOND'
  | 'TENANT_JOBS_AT_ONCE'
  | 'TENANT_BACKLOG'
  | 'TENANT_STORE_MB'
  | 'MAX_QUEUED'
  | 'MAX_STORE_MB'
>;

const MIB = 1024 * 1024;

/** What a key says, else what the operator says, else half of all: no tenant alone can use everything up. */
export function tenantLimits(ofKey: Key['limits'], settings: LimitSettings): TenantLimits {
  return {
    requestsPerSecond: ofKey.requests_per_second ?? settings.TENANT_REQUESTS_PER_SECOND,
    jobsAtOnce: ofKey.jobs_at_once ?? settings.TENANT_JOBS_AT_ONCE ?? null,
    backlog: ofKey.backlog ?? settings.TENANT_BACKLOG ?? Math.ceil(settings.MAX_QUEUED / 2),
    storeBytes: (ofKey.store_mb ?? settings.TENANT_STORE_MB ?? settings.MAX_STORE_MB / 2) * MIB,
  };
}
