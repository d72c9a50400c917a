import {
  isolationSchema,
  jobErrorSchema,
  limitsEnforcedBySchema,
  type SandboxFacts,
  sandboxLimitsSchema,
} from '@jobcell/shared/contract';
import { z } from 'zod';
import { type Frame, FrameError } from './frames.ts';

const count = z.int().min(0);
const duration = z.number().min(0);

const readySchema = z.object({
  type: z.literal('ready'),
  protocol: z.literal(2),
  python: z.string(),
  packages: z.record(z.string(), z.string()),
  isolation: isolationSchema,
  limits_enforced_by: limitsEnforcedBySchema,
  start: z.enum(['warm', 'cold']),
  fallback: z.string().nullable(),
  jail_ready: z.boolean(),
  overhead_bytes: count,
  limits: sandboxLimitsSchema,
});

/** Every failure that a run in a jail can have; the others of the closed list are not the supervisor's to say. */
const failureSchema = jobErrorSchema.extend({
  code: jobErrorSchema.shape.code.exclude(['cancelled', 'expired', 'worker_lost']),
});

const cancelledSchema = jobErrorSchema.extend({ code: z.literal('cancelled') });

const endFields = {
  type: z.literal('outcome'),
  stdout_truncated: z.boolean(),
  stderr_truncated: z.boolean(),
  run_ms: duration,
  cpu_ms: duration,
  peak_memory_bytes: count,
  warm: z.boolean(),
  jail_ms: duration,
};

const outcomeSchema = z.discriminatedUnion('status', [
  z.object({ ...endFields, status: z.literal('succeeded'), error: z.null() }),
  z.object({ ...endFields, status: z.literal('failed'), error: failureSchema }),
  z.object({ ...endFields, status: z.literal('cancelled'), error: cancelledSchema }),
]);

const startedSchema = z.object({ type: z.literal('started') });
const outputSchema = z.object({ type: z.literal('output'), stream: z.enum(['stdout', 'stderr']) });
const idleSchema = z.object({ type: z.literal('idle'), jail_ready: z.boolean() });
const spentSchema = z.object({ type: z.literal('spent'), reason: z.string() });

const messageSchema = z.discriminatedUnion('type', [
  readySchema,
  startedSchema,
  outputSchema,
  outcomeSchema,
  idleSchema,
  spentSchema,
]);

export type ReadyMessage = z.infer<typeof readySchema>;
export type OutcomeMessage = z.infer<typeof outcomeSchema>;
/** A message of the supervisor with the parts of its body. */
export type Message = z.infer<typeof messageSchema> & { parts: Map<string, Buffer> };
export type OutputMessage = Extract<Message, { type: 'output' }>;

/** What the supervisor says, checked; a `FrameError` when it is none of its messages. */
export function readMessage({ header, parts }: Frame): Message {
  const read = messageSchema.safeParse(header);
  if (!read.success) throw new FrameError(`a message is not valid: ${pathsOf(read.error)}`);
  return { ...read.data, parts };
}

export const factsOf = (ready: ReadyMessage): SandboxFacts => ({
  runtime: { python: ready.python, packages: ready.packages },
  isolation: ready.isolation,
  limits_enforced_by: ready.limits_enforced_by,
  limits: ready.limits,
});

/** Where a message breaks the rules, without a value: a job can have chosen it. */
const pathsOf = (error: z.ZodError): string =>
  error.issues.map((issue) => issue.path.join('.') || issue.code).join(', ');
