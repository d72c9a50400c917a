import type { JobKind, Lane, NewJob } from '@jobcell/shared/store';
import { ApiError } from '../http/api-error.ts';
import type { ApiContext } from '../http/context.ts';
import { errorName } from '../http/error-name.ts';
import type { Parts } from '../parts.ts';

/** What a request asks for, after its body was read. */
export type RunFields = {
  script: string;
  input?: { text: string } | undefined;
  timeout_ms: number;
  memory_mb: number;
};

type Submission = { id: string; kind: JobKind; lane: Lane; fields: RunFields };

/**
 * Writes the job's record and makes it wait for a worker. Once the record is there the job is accepted: every answer
 * names it, and what cannot be queued here is queued by the sweep.
 */
export async function submit(c: ApiContext, parts: Parts, submission: Submission): Promise<void> {
  const { store, queue, settings, log } = parts;
  const job = newJob(submission, settings.RETENTION_MS);
  const written = await store.create(job);
  if (!written.created) throw new ApiError('queue_full', fullBecause[written.full](settings));
  c.set('jobId', job.id);
  c.header('X-Job-Id', job.id);
  try {
    await queue.add(job.id, job.lane);
  } catch (error) {
    log.warn({ job_id: job.id, error: errorName(error) }, 'job not queued, left to the sweep');
  }
}

function newJob({ id, kind, lane, fields }: Submission, retentionMs: number): NewJob {
  return {
    id,
    kind,
    lane,
    script: fields.script,
    input: fields.input?.text ?? null,
    timeoutMs: fields.timeout_ms,
    memoryMb: fields.memory_mb,
    retentionMs,
  };
}

const fullBecause = {
  backlog: ({ MAX_QUEUED }: Parts['settings']) => `${MAX_QUEUED} jobs wait already (MAX_QUEUED).`,
  bytes: ({ MAX_STORE_MB }: Parts['settings']) =>
    `The records fill 80% of ${MAX_STORE_MB} MiB (MAX_STORE_MB).`,
};
