import { z } from 'zod';
import { RawJson } from '../json/index.ts';
import { limits } from './limits.ts';
import { jobErrorSchema } from './outcome.ts';
import { stringsSchema } from './strings.ts';
import { type UrlProblem, webhookSchema } from './webhook.ts';

/** What the operator lets a request ask for: `MAX_TIMEOUT_MS`, `MAX_MEMORY_MB` and `RETENTION_MS`. */
export type RequestMaxima = { timeoutMs: number; memoryMb: number; retentionMs: number };

const scriptSchema = z
  .string()
  .min(1, 'must not be empty')
  .refine((text) => text.isWellFormed(), 'must not have a lone surrogate')
  .refine((text) => Buffer.byteLength(text) <= limits.scriptBytes, {
    message: `must be at most ${limits.scriptBytes} bytes of UTF-8`,
  })
  .describe('Python source that binds a callable `main`');

/** `input` as its own JSON text: cut out of the body, never parsed outside the jail. */
const inputSchema = z
  .instanceof(RawJson)
  .refine((raw) => Buffer.byteLength(raw.text) <= limits.jsonBytes, {
    message: `must be at most ${limits.jsonBytes} bytes of JSON`,
  })
  .refine((raw) => raw.depth <= limits.jsonDepth, {
    message: `must not nest deeper than ${limits.jsonDepth} arrays and objects`,
  })
  .meta({
    description: 'Any JSON value: the argument of `main`',
    type: ['object', 'array', 'string', 'number', 'boolean', 'null'],
  });

type RunMaxima = Omit<RequestMaxima, 'retentionMs'>;

const runFields = (maxima: RunMaxima) => ({
  script: scriptSchema,
  input: inputSchema.optional(),
  timeout_ms: z
    .int()
    .min(limits.timeoutMs.minimum)
    .max(maxima.timeoutMs)
    .default(Math.min(limits.timeoutMs.default, maxima.timeoutMs))
    .describe('Wall time of the run'),
  memory_mb: z
    .int()
    .min(limits.memoryMb.minimum)
    .max(maxima.memoryMb)
    .default(Math.min(limits.memoryMb.default, maxima.memoryMb))
    .describe('Memory of all its processes, `/tmp` included'),
});

/** The body of `POST /execute`. */
export const executeRequestSchema = (maxima: RunMaxima) => z.strictObject(runFields(maxima));

const metadataSchema = stringsSchema({
  description: 'Strings by name, given back with the job',
  mostBytes: limits.metadataBytes,
});

export const prioritySchema = z.enum(['high', 'normal', 'low']);

/** The body of `POST /jobs`. */
export const jobRequestSchema = (maxima: RequestMaxima, urlProblem: UrlProblem) =>
  z
    .strictObject({
      ...runFields(maxima),
      priority: prioritySchema.default('normal').describe("Which of the caller's waiting jobs goes first"),
      delay_ms: z.int().min(0).max(limits.laterMs).default(0).describe('Does not start before'),
      ttl_ms: z
        .int()
        .min(1)
        .max(limits.laterMs)
        .optional()
        .describe('Expires if it has not started by then; from its creation'),
      retention_ms: z
        .int()
        .min(0)
        .max(maxima.retentionMs)
        .default(maxima.retentionMs)
        .describe('How long it is kept after its end'),
      metadata: metadataSchema.optional(),
      webhook: webhookSchema(urlProblem).optional().describe('Who is told of the outcome'),
    })
    .refine(({ delay_ms, ttl_ms }) => ttl_ms === undefined || ttl_ms > delay_ms, {
      path: ['ttl_ms'],
      message: 'must be greater than delay_ms',
    });
/** The body of `POST /validate`. */
export const validateRequestSchema = z.strictObject({ script: scriptSchema });

export const jobStatusSchema = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'expired']);
export type JobStatus = z.infer<typeof jobStatusSchema>;

/** Whether nothing more can happen to a job of this status. */
export const isTerminal = (status: JobStatus): boolean => status !== 'queued' && status !== 'running';

export const isolationSchema = z
  .enum(['nsjail', 'landlock'])
  .describe('What kept the job apart: a jail of its own, or, where the machine refuses namespaces, Landlock');
export type Isolation = z.infer<typeof isolationSchema>;
export const limitsEnforcedBySchema = z.enum(['cgroup', 'sampling']);

/** Versions in the sandbox that ran the job. */
export const runtimeVersionsSchema = z.strictObject({
  python: z.string(),
  packages: z.record(z.string(), z.string()),
});
export type RuntimeVersions = z.infer<typeof runtimeVersionsSchema>;

const time = z.iso.datetime();

/** Any JSON value, but there must be one. */
const resultSchema = z.unknown().refine((value) => value !== undefined, 'must be there');

/** The job object. Absent values are `null`. */
export const jobSchema = z.strictObject({
  id: z.string(),
  status: jobStatusSchema,
  result: resultSchema.describe('What `main` returned: any JSON value'),
  stdout: z.string().nullable(),
  stderr: z.string().nullable(),
  stdout_truncated: z.boolean().nullable(),
  stderr_truncated: z.boolean().nullable(),
  error: jobErrorSchema.nullable(),
  timing: z.strictObject({
    queue_ms: z.number().nullable(),
    run_ms: z.number().nullable(),
    total_ms: z.number().nullable(),
  }),
  usage: z.strictObject({ cpu_ms: z.number().nullable(), peak_memory_bytes: z.int().nullable() }),
  isolation: isolationSchema.nullable(),
  limits_enforced_by: limitsEnforcedBySchema.nullable(),
  warm: z.boolean().nullable(),
  attempts: z.int(),
  runtime: runtimeVersionsSchema.nullable(),
  metadata: z.record(z.string(), z.string()).nullable(),
  created_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
  retained_until: time.nullable(),
});
export type Job = z.infer<typeof jobSchema>;

/** What a list shows of a job: nothing that may be large. */
export const listedJobSchema = jobSchema.omit({ result: true, stdout: true, stderr: true });

/** The body of a successful `POST /execute`. */
export const executeResponseSchema = z.strictObject({ result: resultSchema, stdout: z.string() });

/** The body of `POST /validate`. */
export const validateResponseSchema = z.strictObject({
  valid: z.boolean(),
  problems: z.array(
    z.strictObject({
      code: z.enum(['syntax_error', 'main_missing']),
      message: z.string(),
      line: z.int().nullable(),
      column: z.int().nullable(),
    }),
  ),
});
