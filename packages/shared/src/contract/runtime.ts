import { z } from 'zod';
import { isolationSchema, limitsEnforcedBySchema, runtimeVersionsSchema } from './job.ts';

/** What every run gets, as the sandbox itself says it. Sizes in bytes, durations in milliseconds. */
export const sandboxLimitsSchema = z.strictObject({
  timeout_ms: z.int(),
  memory_bytes: z.int(),
  processes: z.int(),
  file_bytes: z.int(),
  tmp_bytes: z.int(),
  open_files: z.int(),
  stdout_bytes: z.int(),
  stderr_bytes: z.int(),
  result_bytes: z.int(),
});
export type SandboxLimits = z.infer<typeof sandboxLimitsSchema>;

/** What a worker's proven sandbox is: said in its heartbeat, shown by `GET /runtime`. */
export const sandboxFactsSchema = z.strictObject({
  runtime: runtimeVersionsSchema,
  isolation: isolationSchema,
  limits_enforced_by: limitsEnforcedBySchema,
  limits: sandboxLimitsSchema,
});
export type SandboxFacts = z.infer<typeof sandboxFactsSchema>;

/** The body of `GET /runtime`: one entry for each kind of worker that is there now. */
export const runtimeResponseSchema = z.strictObject({
  python: z.string(),
  packages: z.record(z.string(), z.string()),
  isolation: isolationSchema,
  limits_enforced_by: limitsEnforcedBySchema,
  limits: sandboxLimitsSchema.extend({ max_timeout_ms: z.int(), max_memory_mb: z.int() }),
  workers: z.int().describe('Workers with a proven sandbox and a recent heartbeat'),
});

export const healthResponseSchema = z.strictObject({ status: z.literal('ok') });

/** The body of `GET /ready`: 200 when `ready`; else a 503, which is a problem with these two fields beside its own. */
export const readyResponseSchema = z.object({
  ready: z.boolean(),
  reasons: z.array(z.string()),
});
