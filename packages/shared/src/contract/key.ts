import { z } from 'zod';
import { scopeSchema } from './caller.ts';
import { webhookSecretSchema } from './webhook.ts';

const time = z.iso.datetime({ offset: true, abort: true, error: 'must be a time as RFC 3339 writes it' });

const upTo = (maximum: number) =>
  z.int().min(1, 'must be at least 1').max(maximum, `must be at most ${maximum}`).optional();

/** What one key's tenant may use; what is left out is as the settings `TENANT_*` say. */
export const keyLimitsSchema = z.strictObject({
  requests_per_second: upTo(1_000_000),
  jobs_at_once: upTo(100_000),
  backlog: upTo(10_000_000).describe('Queued jobs'),
  store_mb: upTo(1_048_576).describe('Live records, in MiB'),
});

/** The body of `POST /admin/keys`. */
export const keyRequestSchema = z.strictObject({
  name: z
    .string()
    .min(1, 'must not be empty')
    .max(100, 'must be at most 100 characters')
    .refine(
      (text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text),
      'must be one line of text that can be seen',
    )
    .describe('What people call the key'),
  scopes: z
    .array(scopeSchema)
    .min(1, 'must name at least one scope')
    .refine((scopes) => new Set(scopes).size === scopes.length, 'must name each scope once'),
  tenant: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9, ".", "_" and "-"')
    .optional()
    .describe('Whose jobs it reaches; without it the key is a tenant of its own'),
  expires_at: time
    .refine((text) => Date.parse(text) > Date.now(), 'must be in the future')
    .optional()
    .describe('From then on it is refused'),
  limits: keyLimitsSchema.optional(),
  webhook_secret: webhookSecretSchema
    .optional()
    .describe('Signs the webhooks of jobs that bring no secret of their own: `whsec_…`'),
});
export type KeyRequest = z.infer<typeof keyRequestSchema>;

/** A key as it is listed: nothing of it can be used to call. Absent values are `null`. */
export const keySchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  tenant: z.string(),
  scopes: z.array(scopeSchema),
  limits: z.strictObject({
    requests_per_second: z.int().nullable(),
    jobs_at_once: z.int().nullable(),
    backlog: z.int().nullable(),
    store_mb: z.int().nullable(),
  }),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable(),
  last_used_at: z.iso.datetime().nullable().describe('To about a minute'),
});
export type Key = z.infer<typeof keySchema>;

/** The answer of `POST /admin/keys`, the only time that `key` is shown. */
export const keyCreatedSchema = keySchema
  .pick({ id: true, name: true, tenant: true, scopes: true, created_at: true, expires_at: true })
  .extend({ key: z.string().describe('Sent as `Authorization: Bearer <key>`') });
export type KeyCreated = z.infer<typeof keyCreatedSchema>;
