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

/** Writes the job's record. From here on the job is accepted, and every answer names it. */
export async function accept(c: ApiContext, parts: Parts, submission: Submission): Promise<void> {
  const { store, settings } = parts;
  const written = await store.create(newJob(submission, settings.RETENTION_MS));
  if (!written.created) throw new ApiError('queue_full', fullBecause[written.full](settings));
  c.set('jobId', submission.id);
  c.header('X-Job-Id', submission.id);
}

/** Makes an accepted job wait for a worker. It never fails: what cannot be queued here, the sweep queues. */
export async function enqueue({ queue, log }: Parts, id: string, lane: Lane): Promise<void> {
  try {
    await queue.add(id, lane);
  } catch (error) {
    log.warn({ job_id: id, error: errorName(error) }, 'job not queued, left to the sweep');
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
