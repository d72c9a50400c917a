export type { Released } from './changes.ts';
export {
  type AfterAttempt,
  type DeliveryListRequest,
  type DeliveryRef,
  DeliveryStore,
  parseAttempt,
  type StartedDelivery,
} from './deliveries.ts';
export { jobJson } from './job-json.ts';
export type { ListRequest } from './job-list.ts';
export type {
  Holder,
  JobKind,
  JobRecord,
  Lane,
  NewJob,
  NewWebhook,
  Outcome,
  Priority,
  ReleasedJob,
  StartedJob,
} from './record.ts';
export { connectRedis, untilReady } from './redis.ts';
export {
  type CreateResult,
  type FullLimit,
  JobStore,
  type KnownOutput,
  type LiveJob,
  type RetryResult,
  type StartResult,
} from './store.ts';
export { type SweepParts, startSweep, sweep } from './sweep.ts';
export { startTicks } from './ticks.ts';
export { type LiveWorker, WorkerRegistry } from './workers.ts';
