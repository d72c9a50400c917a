import { randomUUID } from 'node:crypto';
import type { JobKind, JobRecord } from '@jobcell/shared/store';
import { ApiError } from '../http/api-error.ts';
import type { ApiContext } from '../http/context.ts';
import { errorName } from '../http/error-name.ts';
import type { Parts } from '../parts.ts';
import { accept, type RunFields } from './submit.ts';
import type { Wait } from './waiter.ts';

/** A job whose caller waits for it. `withFields` reads the request's body and gives what it asks for to `use`. */
type WaitedFor = { kind: JobKind; withFields: <T>(use: (fields: RunFields) => Promise<T>) => Promise<T> };

/**
 * Submits a job and waits for it: its record when it is terminal or the wait is over, `null` when the caller has
 * gone, and with him the job. An outage of Redis is waited through, since the job outlives it too.
 */
export async function runWaiting(c: ApiContext, parts: Parts, job: WaitedFor): Promise<JobRecord | null> {
  const id = randomUUID(); // version 4: 122 random bits
  const wait = await start(c, parts, id, job);
  const told = await wait.ended;
  if (c.req.raw.signal.aborted) {
    await abandon(c, parts, id);
    return null;
  }
  const record = told ?? (await parts.records.read(id));
  if (record === null) throw new ApiError('not_found', 'The job ended, and its retention was over at once.');
  return record;
}

/**
 * A function of its own, so that nothing keeps the script and the input in memory during the wait. The wait begins
 * before the record is there: from then on a worker can have the job, and its end may be told before we know.
 */
async function start(
  c: ApiContext,
  parts: Parts,
  id: string,
  { kind, withFields }: WaitedFor,
): Promise<Wait> {
  return await withFields(async (fields) => {
    await parts.workers.require();
    const timeoutMs = parts.settings.EXECUTE_WAIT_MS;
    const wait = parts.waiter.begin(id, { kind: 'execute', timeoutMs, signal: c.req.raw.signal });
    try {
      await accept(c, parts, { id, kind, lane: 'execute', replyTo: parts.waiter.name, fields });
      return wait;
    } catch (error) {
      wait.end();
      throw error;
    }
  });
}

/** Nobody waits for the job any more. One that has ended is not changed by this. */
async function abandon(c: ApiContext, { store, log }: Parts, id: string): Promise<void> {
  try {
    await store.cancel(c.get('caller').tenant, id, 'ask');
  } catch (error) {
    log.warn({ job_id: id, error: errorName(error) }, 'job not cancelled though its caller hung up');
  }
}
