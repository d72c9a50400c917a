import { type FailureCode, isTerminal, type JobError } from '@jobcell/shared/contract';
import { type JobRecord, jobJson } from '@jobcell/shared/store';
import { type ApiContext, jsonText } from '../http/context.ts';
import { failure } from '../http/problem.ts';

type Finished = JobRecord['job'];

/** Says in headers where the time of this request went and what was cut. `totalMs`: from its arrival until now. */
export function jobHeaders(c: ApiContext, record: JobRecord, totalMs: number): void {
  const { job } = record;
  const metrics = Object.entries({ ...phasesOf(record, totalMs), total: totalMs });
  c.header('Server-Timing', metrics.map(([name, ms]) => `${name};dur=${ms.toFixed(2)}`).join(', '));
  const cut = [job.stdout_truncated ? 'stdout' : '', job.stderr_truncated ? 'stderr' : ''].filter(Boolean);
  if (cut.length > 0) c.header('X-Truncated', cut.join(', '));
}

/** `store` is what is left: reading the request, writing record and outcome, telling of it, reading it again. */
function phasesOf({ job, phases }: JobRecord, totalMs: number): Record<string, number> {
  const runMs = job.timing.run_ms;
  if (phases === null || runMs === null) return {};
  const { queueMs, leaseMs } = phases;
  return {
    queue: queueMs,
    lease: leaseMs,
    run: runMs,
    store: Math.max(0, totalMs - queueMs - leaseMs - runMs),
  };
}

/** The job was accepted, now or (200) before, and goes on. */
export function acceptedAnswer(c: ApiContext, record: JobRecord, status: 200 | 202 = 202): Response {
  c.header('Location', `/jobs/${record.job.id}`);
  return jsonText(c, jobJson(record), status);
}

/** The problem of a job that ended otherwise than by success. */
export const failedAnswer = (c: ApiContext, job: Finished): Response => failure(c, job, errorOf(job));

export const goesOn = ({ job }: JobRecord): boolean => !isTerminal(job.status);

/** A job that never ran has no error of its own: its status is the code. */
function errorOf({ status, error }: Finished): JobError {
  return error ?? { code: status as FailureCode, message: `The job is ${status}.` };
}
