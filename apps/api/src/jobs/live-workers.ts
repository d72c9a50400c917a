import { limits, type SandboxFacts } from '@jobcell/shared/contract';
import type { LiveWorker, WorkerRegistry } from '@jobcell/shared/store';
import { ApiError } from '../http/api-error.ts';

/** How long a worker that was seen is taken to be there, so that most requests need no look into the registry. */
const REMEMBERED_MS = 1_000;

/** The workers with a recent heartbeat, remembered for a second. That none is there is never remembered. */
export class LiveWorkers {
  readonly #registry: Pick<WorkerRegistry, 'list'>;
  #provenAt = Number.NEGATIVE_INFINITY;

  constructor(registry: Pick<WorkerRegistry, 'list'>) {
    this.#registry = registry;
  }

  /** Those heard of lately, as the registry says now. */
  async list(): Promise<LiveWorker[]> {
    const workers = await this.#registry.list();
    if (workers.some(isProven)) this.#provenAt = performance.now();
    return workers;
  }

  /** Throws `sandbox_unavailable` when no worker with a proven sandbox is there. */
  async require(): Promise<void> {
    if (performance.now() - this.#provenAt < REMEMBERED_MS) return;
    const reasons = whyNotReady(await this.list());
    if (reasons.length > 0) throw new ApiError('sandbox_unavailable', `${reasons.join('; ')}.`);
  }
}

/** Whether the worker has shown in a throw-away jail that its sandbox holds (law 6). */
export const isProven = (worker: LiveWorker): worker is LiveWorker & { facts: SandboxFacts } =>
  worker.facts !== null;

/** Why no job can run now; empty when one can. */
export function whyNotReady(workers: LiveWorker[]): string[] {
  if (workers.length === 0)
    return [`No worker has been heard of in the last ${limits.heartbeatMs / 1_000} s`];
  if (workers.some(isProven)) return [];
  return workers.map(
    ({ id, reason }) => `Worker ${id} takes no jobs: ${reason ?? 'its sandbox is being proven'}`,
  );
}
