import { randomUUID } from 'node:crypto';
import type { NewJob } from '../store/index.ts';

/** A job as the API would accept it. */
export const newJob = (changes: Partial<NewJob> = {}): NewJob => ({
  ...{ id: randomUUID(), tenant: 'a', kind: 'run', lane: 'background', priority: 'normal' },
  ...{ script: 'script', input: '"input"', timeoutMs: 5_000, memoryMb: 256, retentionMs: 60_000 },
  ...{ delayMs: 0, ttlMs: null, metadata: null, webhook: null, replyTo: null, idempotency: null },
  ...changes,
});
