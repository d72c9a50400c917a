export { jobJson } from './job-json.ts';
export type { Holder, JobKind, JobRecord, Lane, NewJob, Outcome, StartedJob } from './record.ts';
export { connectRedis, untilReady } from './redis.ts';
export { type CreateResult, JobStore, type StartResult } from './store.ts';
export { type SweepParts, startSweep, sweep } from './sweep.ts';
export { type LiveWorker, WorkerRegistry } from './workers.ts';
