import type { Job } from 'bullmq';

/** Past this age the lock is asked for, not believed: this process may have stood still. */
const BELIEVED_MS = 2_000;

/** The lock that BullMQ gave with a job's id. Whoever has lost it must start nothing: another worker may have it. */
export interface QueueLock {
  /** Whether it is still ours; rejects when Redis does not say. */
  held(): Promise<boolean>;
}

/** `lockMs`: how long a renewed lock lasts. */
export function queueLock(job: Job, token: string, lockMs: number): QueueLock {
  // It may have stood still before this code was reached, too: `processedOn` is when the lock was asked for.
  let confirmedAt = performance.now() - Math.abs(Date.now() - (job.processedOn ?? 0));
  return {
    async held() {
      if (performance.now() - confirmedAt < BELIEVED_MS) return true;
      if (Number(await job.extendLock(token, lockMs)) !== 1) return false;
      confirmedAt = performance.now();
      return true;
    },
  };
}
