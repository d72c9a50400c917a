import { z } from 'zod';

/** What a key may do. No scope reaches another tenant's jobs. */
export const scopeSchema = z.enum(['jobs:write', 'jobs:read', 'admin']);
export type Scope = z.infer<typeof scopeSchema>;

/** What one tenant may use. `jobsAtOnce: null` is half of all slots that live; `backlog` counts queued jobs. */
export type TenantLimits = {
  requestsPerSecond: number;
  jobsAtOnce: number | null;
  backlog: number;
  storeBytes: number;
};

/** Who a request comes from. `limits: null`: nobody to share with, so only the limits of the whole hold. */
export type Caller = {
  tenant: string;
  /** The id of the key; `null` while there are no keys. */
  key: string | null;
  scopes: readonly Scope[];
  limits: TenantLimits | null;
  /** Signs the webhooks of jobs that bring no secret of their own. */
  webhookSecret: string | null;
};

/** Everyone, while there are no keys. */
export const anyone: Caller = {
  tenant: 'default',
  key: null,
  scopes: scopeSchema.options,
  limits: null,
  webhookSecret: null,
};
