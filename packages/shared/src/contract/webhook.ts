import { z } from 'zod';
import { limits } from './limits.ts';
import { stringsSchema } from './strings.ts';

/** Says what is wrong with where a webhook is to go, as far as the URL itself tells; `null` when nothing is. */
export type UrlProblem = (url: URL) => string | null;

const urlSchema = (problemOf: UrlProblem) =>
  z
    .string()
    .max(limits.webhook.urlLength, `must be at most ${limits.webhook.urlLength} characters`)
    .superRefine((text, { addIssue }) => {
      const problem = URL.canParse(text) ? problemOf(new URL(text)) : 'must be an http:// or https:// URL';
      if (problem !== null) addIssue({ code: 'custom', message: problem });
    })
    .describe('Where the outcome is posted to: a public address');

/** `whsec_` and the base64 of 24 to 64 bytes, as Standard Webhooks has it. */
function isSecret(text: string): boolean {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  if (base64 === undefined) return false;
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 && bytes.length >= 24 && bytes.length <= 64;
}

/** One secret, or two with a space between: with both each delivery is signed, so that a receiver can change over. */
export const webhookSecretSchema = z
  .string()
  .refine(
    (text) => text.split(' ').length <= 2 && text.split(' ').every(isSecret),
    'must be "whsec_" and the base64 of 24 to 64 bytes, or two such with a space between',
  );

/** What HTTP, Standard Webhooks or the connection itself sets. */
const RESERVED =
  /^(?:webhook-.*|host|content-length|transfer-encoding|connection|keep-alive|upgrade|expect|te|trailer|proxy-.*)$/i;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

function headerProblem(name: string, text: string): string | null {
  if (!HEADER_NAME.test(name)) return 'must be the name of a header';
  if (RESERVED.test(name)) return 'must not be set by a webhook';
  return HEADER_VALUE.test(text) ? null : 'must be printable ASCII';
}

const headersSchema = stringsSchema({
  description: 'Sent with each attempt. Not `webhook-*`, `host`, lengths or what belongs to the connection',
  mostBytes: limits.webhook.headersBytes,
  problemOf: headerProblem,
}).refine((headers) => {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  return new Set(names).size === names.length;
}, 'must name each header once');

/** `webhook` of `POST /jobs`. */
export const webhookSchema = (problemOf: UrlProblem) =>
  z.strictObject({
    url: urlSchema(problemOf),
    secret: webhookSecretSchema
      .optional()
      .describe("Signs the deliveries: `whsec_…`; without it that of the caller's key does"),
    headers: headersSchema.optional(),
  });

export const deliveryStatusSchema = z.enum(['pending', 'delivered', 'dead']);
export type DeliveryStatus = z.infer<typeof deliveryStatusSchema>;

/** Why an attempt to deliver a webhook did not succeed: the closed list, each with what it means. */
export const deliveryErrors = {
  address_forbidden: 'The host is, or its name has, an address that is not public; nothing was connected to',
  name_not_resolved: 'The name servers gave no address for the host',
  connection_refused: 'Nothing listens on this port of the host',
  connection_failed: 'The host cannot be reached, or the connection ended before there was an answer',
  tls_failed: 'No TLS connection came about; most often the certificate is not valid',
  timeout: 'There was no answer in time, counted from the look-up of the name',
  answer_invalid: 'What came back is no HTTP answer, or its headers are too long',
  redirect: 'The answer was a redirect (3xx); none is followed',
  gone: 'The answer was 410: the receiver wants no more of it, so it is not tried again',
  bad_status: 'The answer had another status than 2xx',
} as const satisfies Record<string, string>;
export type DeliveryError = keyof typeof deliveryErrors;
export const deliveryErrorCodes = Object.keys(deliveryErrors) as [DeliveryError, ...DeliveryError[]];

/** One attempt at a delivery, as it is shown and kept. */
export const deliveryAttemptSchema = z.strictObject({
  at: z.iso.datetime(),
  status_code: z.int().nullable(),
  error: z.enum(deliveryErrorCodes).nullable().describe('`null` when it was delivered'),
  duration_ms: z.int(),
  response_excerpt: z
    .string()
    .nullable()
    .describe('The first KiB of the answer, with control characters escaped'),
});
export type DeliveryAttempt = z.infer<typeof deliveryAttemptSchema>;

/** A delivery. Absent values are `null`. */
export const deliverySchema = z.strictObject({
  id: z.string().describe('The `webhook-id` of every attempt'),
  job_id: z.string(),
  type: z.enum(['job.succeeded', 'job.failed', 'job.cancelled', 'job.expired']),
  url: z.string(),
  status: deliveryStatusSchema,
  attempts: z.array(deliveryAttemptSchema),
  next_attempt_at: z.iso.datetime().nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;
