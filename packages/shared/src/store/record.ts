import type { Job, JobError, RuntimeVersions } from '../contract/index.ts';

/** What a job asks of the sandbox. `check` compiles the script and does not run it. */
export type JobKind = 'run' | 'check';

/** `execute` jobs have a caller who waits, so they go ahead of `background` ones. */
export type Lane = 'execute' | 'background';

/** Which of a tenant's `background` jobs goes first. */
export type Priority = 'high' | 'normal' | 'low';

/** A job as it is accepted. Durations in milliseconds. */
export type NewJob = {
  id: string;
  tenant: string;
  kind: JobKind;
  lane: Lane;
  priority: Priority;
  script: string;
  /** JSON text; `null` when the caller gave none. */
  input: string | null;
  timeoutMs: number;
  memoryMb: number;
  /** From its end. */
  retentionMs: number;
  /** How long it may not start. */
  delayMs: number;
  /** From now, after which it may not start any more; `null` is never. */
  ttlMs: number | null;
  /** JSON text of an object of strings. */
  metadata: string | null;
  /** Who is told of the outcome. */
  webhook: NewWebhook | null;
  /** Who is told the outcome itself when it is small: a process that waits for it. */
  replyTo: string | null;
  /** What makes a second request the same as this one: the caller's key, and what its body hashes to. */
  idempotency: { key: string; bodyHash: string } | null;
};

/** Where a job's outcome is delivered to. `delivery`: the id of that, so the `webhook-id`. `secret`: one or two of them. */
export type NewWebhook = { delivery: string; url: string; secret: string; headers: Record<string, string> };

/** An id that may go to BullMQ now. */
export type ReleasedJob = Pick<NewJob, 'id' | 'lane'>;

/** What a worker needs to run a job, handed out by `JobStore.start`. `attempt` counts from 1. */
export type StartedJob = Pick<NewJob, 'id' | 'kind' | 'script' | 'input' | 'timeoutMs' | 'memoryMb'> & {
  attempt: number;
};

/** Who finishes or gives back a job: a finisher whose attempt is not the running one is refused. */
export type Holder = { id: string; worker: string; attempt: number };

/**
 * How a run ended, by the supervisor's evidence. `result` is JSON text. `warm` is whether the jail was waiting for
 * the job. Sizes in bytes, durations in milliseconds.
 */
export type Outcome = (
  | { status: 'succeeded'; result: string; error: null }
  | { status: 'failed' | 'cancelled'; result: null; error: JobError }
) & {
  stdout: string;
  stderr: string;
  stdoutTruncated: boolean;
  stderrTruncated: boolean;
  runMs: number;
  cpuMs: number;
  peakMemoryBytes: number;
  warm: boolean;
  runtime: RuntimeVersions;
  isolation: NonNullable<Job['isolation']>;
  limitsEnforcedBy: NonNullable<Job['limits_enforced_by']>;
};

/** What a worker had to wait for at a job's last attempt, in ms: a free slot, then its jail where none was ready. */
export type Waits = { slotMs: number; jailMs: number };

/** A job's record: the job object with its result still as JSON text, and what only Jobcell needs. */
export type JobRecord = {
  tenant: string;
  job: Omit<Job, 'result'>;
  /** JSON text, `null` while there is none. */
  result: string | null;
  /** Where its time went before it ran, in ms: in the queue, and for slot and jail. `null` before its end. */
  phases: { queueMs: number; leaseMs: number } | null;
  kind: JobKind;
  lane: Lane;
  /** How often a worker started it, those times too that a clean shutdown has taken back. */
  starts: number;
};
