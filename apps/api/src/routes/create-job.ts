import { createHash, randomUUID } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { jobRequestSchema, limits } from '@jobcell/shared/contract';
import type { NewWebhook } from '@jobcell/shared/store';
import { AddressRule, urlProblem } from '@jobcell/shared/webhooks';
import { withBody } from '../body/read-body.ts';
import { ApiError } from '../http/api-error.ts';
import type { ApiContext } from '../http/context.ts';
import { readQuery } from '../http/query.ts';
import { acceptedAnswer } from '../jobs/answer.ts';
import { accept } from '../jobs/submit.ts';
import type { Parts } from '../parts.ts';
import { bodyErrors, everywhere, header, jobRef, json, jsonBody, problems, type Route } from './route.ts';

const querySchema = z.strictObject({});

const keyRule = `must be 1 to ${limits.idempotencyKeyLength} printable ASCII characters`;
const headersSchema = z.object({
  'Idempotency-Key': z
    .string()
    .regex(new RegExp(`^[\\x20-\\x7e]{1,${limits.idempotencyKeyLength}}$`), keyRule)
    .optional()
    .describe('A repeat with the same key and the same body within 24 h gives the same job'),
});
const location = { Location: header('The address of the job') };

/** Accepts a script to run in the background, whether a worker is there or not. */
export function createJobRoute(parts: Parts): Route {
  const { settings, bodies, records } = parts;
  const rule = new AddressRule(settings.WEBHOOK_ALLOW_CIDRS);
  const bodySchema = jobRequestSchema(
    {
      timeoutMs: settings.MAX_TIMEOUT_MS,
      memoryMb: settings.MAX_MEMORY_MB,
      retentionMs: settings.RETENTION_MS,
    },
    (url) => urlProblem(url, rule),
  );

  return {
    doc: {
      method: 'post',
      path: '/jobs',
      summary: 'Run a script in the background',
      description:
        'Accepted while no worker is there, too. `GET /jobs/{id}?wait_ms=30000` waits for its end.',
      request: { headers: headersSchema, body: jsonBody(bodySchema) },
      responses: {
        200: json('This Idempotency-Key made this job before, of the same body', jobRef, location),
        202: json('Accepted', jobRef, location),
        ...problems(
          ...bodyErrors,
          ...(['not_found', 'idempotency_mismatch', 'queue_full', 'store_unavailable'] as const),
          ...everywhere,
        ),
      },
    },
    scope: 'jobs:write',
    handle: async (c) => {
      readQuery(c, querySchema);
      const key = idempotencyKeyOf(c);
      const submitted: string = randomUUID();
      const id = await withBody(c, bodies, bodySchema, async (fields, bytes) => {
        const { priority, retention_ms: retentionMs, delay_ms: delayMs, ttl_ms: ttlMs = null } = fields;
        return await accept(c, parts, {
          ...{ id: submitted, kind: 'run', lane: 'background', fields },
          ...{ priority, retentionMs, delayMs, ttlMs },
          metadata: fields.metadata === undefined ? null : JSON.stringify(fields.metadata),
          webhook: webhookOf(c, fields.webhook),
          idempotency: key === null ? null : { key, bodyHash: hashOf(bytes) },
        });
      });
      const record = await records.read(id);
      if (record === null) throw new ApiError('not_found', 'The job has ended, and its retention is over.');
      return acceptedAnswer(c, record, id === submitted ? 202 : 200);
    },
  };
}

type AskedWebhook = z.output<ReturnType<typeof jobRequestSchema>>['webhook'];

/** What is not signed is not sent. */
function webhookOf(c: ApiContext, asked: AskedWebhook): NewWebhook | null {
  if (asked === undefined) return null;
  const secret = asked.secret ?? c.get('caller').webhookSecret;
  if (secret === null)
    throw new ApiError('invalid_request', 'webhook.secret is missing, and your key has none.');
  const url = new URL(asked.url).href;
  return { delivery: randomUUID(), url, secret, headers: asked.headers ?? {} };
}

function idempotencyKeyOf(c: ApiContext): string | null {
  const key = c.req.header('Idempotency-Key');
  const { success } = headersSchema.safeParse({ 'Idempotency-Key': key });
  if (!success) throw new ApiError('invalid_request', `The Idempotency-Key ${keyRule}.`);
  return key ?? null;
}

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
