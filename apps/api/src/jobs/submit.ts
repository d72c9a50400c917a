import type { FullLimit, NewJob } from '@jobcell/shared/store';
import { ApiError } from '../http/api-error.ts';
import type { ApiContext } from '../http/context.ts';
import type { Parts } from '../parts.ts';

/** What every request that runs something asks for, after its body was read. */
export type RunFields = {
  script: string;
  input?: { text: string } | undefined;
  timeout_ms: number;
  memory_mb: number;
};

/** A job as its route makes it. */
export type Submission = Pick<NewJob, 'id' | 'kind' | 'lane'> & { fields: RunFields } & Partial<LaterFields>;
type LaterFields = Pick<
  NewJob,
  'priority' | 'retentionMs' | 'delayMs' | 'ttlMs' | 'metadata' | 'webhook' | 'replyTo' | 'idempotency'
>;

/**
 * Writes the job's record, which also lets it wait for a worker. From here on the job is accepted, and every answer
 * names it. Returns its id: another one than the submission's when this very request was accepted before.
 */
export async function accept(c: ApiContext, parts: Parts, submission: Submission): Promise<string> {
  const { store, settings } = parts;
  const { tenant, limits } = c.get('caller');
  const written = await store.create({ ...newJob(submission, settings.RETENTION_MS), tenant }, limits);
  if (!written.created && written.because !== 'same') throw refused(c, parts, written.because);
  const id = written.created ? submission.id : written.id;
  c.set('jobId', id);
  c.header('X-Job-Id', id);
  return id;
}

function newJob({ fields, ...given }: Submission, retentionMs: number): Omit<NewJob, 'tenant'> {
  return {
    ...{ priority: 'normal', retentionMs, delayMs: 0, ttlMs: null },
    ...{ metadata: null, webhook: null, replyTo: null, idempotency: null },
    ...given,
    script: fields.script,
    input: fields.input?.text ?? null,
    timeoutMs: fields.timeout_ms,
    memoryMb: fields.memory_mb,
  };
}

/** Room comes with the end of a job, not with the next second. */
const later = { retryAfterS: 5 };

/** Says which limit refused the job: one of the whole service's, or one of the caller's own. */
function refused(c: ApiContext, { settings }: Parts, because: FullLimit | 'mismatch'): ApiError {
  const own = c.get('caller').limits;
  switch (because) {
    case 'mismatch':
      return new ApiError('idempotency_mismatch', 'This Idempotency-Key came with another body before.');
    case 'backlog':
      return new ApiError('queue_full', `${settings.MAX_QUEUED} jobs wait already (MAX_QUEUED).`);
    case 'bytes':
      return new ApiError(
        'queue_full',
        `The records fill 80% of ${settings.MAX_STORE_MB} MiB (MAX_STORE_MB).`,
      );
    case 'tenant_backlog':
      return new ApiError('rate_limited', `${own?.backlog} of your jobs wait already (backlog).`, later);
    case 'tenant_bytes':
      return new ApiError(
        'rate_limited',
        `Your jobs' records would pass ${mebibytes(own?.storeBytes)} MiB (store_mb).`,
        later,
      );
  }
}

const mebibytes = (bytes = 0): number => Math.floor(bytes / 1024 / 1024);
