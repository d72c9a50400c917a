import { setTimeout as delay } from 'node:timers/promises';
import { failures, type JobError } from '@jobcell/shared/contract';
import type { Logger } from '@jobcell/shared/log';
import type { Holder, JobStore, Outcome, StartedJob } from '@jobcell/shared/store';
import {
  type RunOptions,
  type Sandbox,
  type SandboxPool,
  type SandboxResult,
  SlotDeath,
} from '../sandbox/port.ts';
import type { Cancellations } from './cancellations.ts';
import type { EndSignals, Verdict } from './queue-consumer.ts';
import type { QueueLock } from './queue-lock.ts';
import { untilAnswered } from './until-answered.ts';

export type AttemptParts = EndSignals & {
  store: Pick<JobStore, 'start' | 'finish' | 'giveBack' | 'retry' | 'appendOutput'>;
  pool: SandboxPool;
  cancellations: Pick<Cancellations, 'watch'>;
  worker: string;
  log: Logger;
};

/** How long an id is kept that no slot is free for, which another worker might have. */
const LEASE_MS = 2_000;
/** How long a job lets an older one start first, which another slot has or gets, and how often it looks. */
const IN_ORDER_MS = 200;
const EARLY_MS = 2;
/** Before a job whose slot died is handed out again, times the attempt. */
const RETRY_MS = 100;

/** One attempt at the job of `id`: lease, start, run, finish. Nothing counts as started before a slot is there. */
export async function attempt(id: string, lock: QueueLock, parts: AttemptParts): Promise<Verdict> {
  const asked = performance.now();
  const slot = await lease(parts);
  if (slot === undefined) return 'again';
  const slotMs = performance.now() - asked;
  const watched = parts.cancellations.watch(id);
  try {
    return await attemptIn(slot, { id, slotMs, cancelled: watched.signal }, lock, parts);
  } finally {
    watched.end();
  }
}

type Asked = { id: string; slotMs: number; cancelled: AbortSignal };

async function attemptIn(
  slot: Sandbox,
  { id, slotMs, cancelled }: Asked,
  lock: QueueLock,
  parts: AttemptParts,
): Promise<Verdict> {
  let job: StartedJob | undefined;
  try {
    job = await start(id, lock, parts);
  } finally {
    if (job === undefined) parts.pool.giveBack(slot);
  }
  if (job === undefined) return 'done';
  const holder: Holder = { id, worker: parts.worker, attempt: job.attempt };
  const onOutput = liveOutput(holder, parts);
  const result = await run(slot, job, { signal: cancelled, onOutput }, parts);
  if (result instanceof SlotDeath) return await endWithoutOutcome(holder, result, parts);
  return await end(holder, slot.id, { ...result, slotMs }, parts);
}

async function lease({ pool, stopping }: AttemptParts): Promise<Sandbox | undefined> {
  try {
    return await pool.lease(stopping, LEASE_MS);
  } catch {
    return undefined;
  }
}

/** Undefined when there is nothing to run: the job is terminal or gone, or somebody else has it now. */
async function start(id: string, lock: QueueLock, parts: AttemptParts): Promise<StartedJob | undefined> {
  return await untilAnswered(async () => {
    if (!(await lock.held())) {
      parts.log.warn({ job: id }, 'lost the lock of a job before its start: left to whoever has it');
      return undefined;
    }
    return await startInOrder(id, parts);
  }, parts.stopping);
}

/** A tenant's jobs of one priority start in the order in which they were submitted. */
async function startInOrder(id: string, { store, worker }: AttemptParts): Promise<StartedJob | undefined> {
  const patientUntil = performance.now() + IN_ORDER_MS;
  for (;;) {
    const patience = performance.now() < patientUntil ? IN_ORDER_MS : 0;
    const started = await store.start(id, worker, patience);
    if (started.started) return started.job;
    if (!started.early) return undefined;
    await delay(EARLY_MS);
  }
}

/** Runs it and gives the slot back. When the grace ends first, the slot is destroyed. */
async function run(
  slot: Sandbox,
  job: StartedJob,
  options: RunOptions,
  parts: AttemptParts,
): Promise<SandboxResult | SlotDeath> {
  const { pool, graceOver } = parts;
  const destroy = () => void slot.destroy();
  graceOver.addEventListener('abort', destroy, { once: true });
  if (graceOver.aborted) destroy();
  try {
    const result = await slot.run(job, options);
    // A slot that could not do its work is in doubt, and on any doubt it is thrown away (law 7).
    if (result.outcome.error?.code === 'sandbox_failure') destroy();
    return result;
  } catch (error) {
    if (error instanceof SlotDeath) return error;
    // A fault of this code: the job must not stay `running`, nor the slot in use.
    parts.log.error({ job: job.id, error: (error as Error).stack }, 'a run failed unexpectedly');
    await slot.destroy();
    return new SlotDeath(slot.id, 'protocol', 'unexpected');
  } finally {
    graceOver.removeEventListener('abort', destroy);
    pool.giveBack(slot);
  }
}

/**
 * Keeps what a job prints for those who follow it, piece after piece. The first that cannot be kept ends that: a gap
 * would be worse than silence, and the outcome has all of it.
 */
function liveOutput(holder: Holder, { store, log }: AttemptParts): NonNullable<RunOptions['onOutput']> {
  let kept = Promise.resolve(true);
  return (stream, text) => {
    kept = kept.then(async (goesOn) => goesOn && (await store.appendOutput(holder, stream, text)));
    kept = kept.catch((error: Error) => {
      log.warn({ job: holder.id, error: error.name }, 'live output ends');
      return false;
    });
  };
}

async function end(
  holder: Holder,
  slot: string,
  { outcome, jailMs, slotMs }: SandboxResult & { slotMs: number },
  parts: AttemptParts,
): Promise<Verdict> {
  const { store, log, giveUp } = parts;
  const error = outcome.error;
  if (error !== null && failures[error.code].retried) return await retry(holder, error, parts);
  const waits = { slotMs: rounded(slotMs), jailMs };
  const written = await untilAnswered(() => store.finish(holder, outcome, waits), giveUp);
  const facts = { job: holder.id, attempt: holder.attempt, slot, ...shown(outcome), ...waits };
  if (written) log.info(facts, 'job ended');
  else log.warn(facts, 'outcome dropped: the attempt is stale');
  return 'done';
}

/** Whose fault it is decides: ours counts the attempt, a shutdown does not. */
async function endWithoutOutcome(holder: Holder, death: SlotDeath, parts: AttemptParts): Promise<Verdict> {
  const { store, log, giveUp, graceOver } = parts;
  if (!graceOver.aborted) {
    const message = `The sandbox slot died while it ran the job (${death.reason})`;
    return await retry(holder, { code: 'sandbox_failure', message }, parts);
  }
  const given = await untilAnswered(() => store.giveBack(holder), giveUp);
  log.info({ job: holder.id, attempt: holder.attempt, stale: !given }, 'job given back');
  return given ? 'again' : 'done';
}

async function retry(
  holder: Holder,
  error: JobError,
  { store, log, stopping, giveUp }: AttemptParts,
): Promise<Verdict> {
  const state = await untilAnswered(() => store.retry(holder, error), giveUp);
  log.warn({ job: holder.id, attempt: holder.attempt, reason: error.message, state }, 'attempt failed');
  if (state !== 'queued') return 'done';
  await delay(RETRY_MS * holder.attempt, undefined, { signal: stopping }).catch(() => undefined);
  return 'again';
}

/** To a microsecond. */
const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

/** What may stand in a log: no byte of the user's. */
const shown = ({ status, error, runMs, cpuMs }: Outcome) => ({
  status,
  code: error?.code ?? null,
  runMs,
  cpuMs,
});
