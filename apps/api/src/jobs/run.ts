import { randomUUID } from 'node:crypto';
import type { JobRecord } from '@jobcell/shared/store';
import { ApiError } from '../http/api-error.ts';
import type { ApiContext } from '../http/context.ts';
import type { Parts } from '../parts.ts';

/**
 * Submits a job and waits for it: its record when it is terminal or the wait is over, `null` when the caller has
 * gone. An outage of Redis is waited through, since the job outlives it too. `submitJob` is a function so that
 * nothing keeps the script and the input in memory during the wait.
 */
export async function runWaiting(
  c: ApiContext,
  { waiter, store, settings }: Parts,
  submitJob: (id: string) => Promise<void>,
): Promise<JobRecord | null> {
  const { signal } = c.req.raw;
  const id = randomUUID(); // version 4: 122 random bits
  const wait = waiter.begin(id, { kind: 'execute', timeoutMs: settings.EXECUTE_WAIT_MS, signal });
  try {
    await submitJob(id);
    await wait.ended;
  } finally {
    wait.end();
  }
  if (signal.aborted) return null;
  const record = await store.read(id);
  if (record === null) throw new ApiError('not_found', 'The job ended, and its retention was over at once.');
  return record;
}
