import type { Job, JobError, RuntimeVersions } from '../contract/index.ts';

/** What a job asks of the sandbox. `check` compiles the script and does not run it. */
export type JobKind = 'run' | 'check';

/** `execute` jobs have a caller who waits, so they go ahead of `background` ones. */
export type Lane = 'execute' | 'background';

/** A job as it is accepted. `input` is JSON text, `null` when the caller gave none. */
export type NewJob = {
  id: string;
  kind: JobKind;
  lane: Lane;
  script: string;
  input: string | null;
  timeoutMs: number;
  memoryMb: number;
  retentionMs: number;
};

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
  job: Omit<Job, 'result'>;
  /** JSON text, `null` while there is none. */
  result: string | null;
  /** Where its time went before it ran, in ms: in the queue, and for slot and jail. `null` before its end. */
  phases: { queueMs: number; leaseMs: number } | null;
  kind: JobKind;
  lane: Lane;
};
