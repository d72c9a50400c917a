import { type FailureCode, isTerminal, type JobError } from '@jobcell/shared/contract';
import { type JobRecord, jobJson } from '@jobcell/shared/store';
import { type ApiContext, jsonText } from '../http/context.ts';
import { failure } from '../http/problem.ts';

type Finished = JobRecord['job'];

/** Says in headers what the job took and what was cut. `waitedMs` stands in for the total of a job that goes on. */
export function jobHeaders(c: ApiContext, { job }: JobRecord, waitedMs: number): void {
  const { queue_ms, run_ms, total_ms } = job.timing;
  const durations = { queue: queue_ms, run: run_ms, total: total_ms ?? waitedMs };
  const metrics = Object.entries(durations).filter(([, ms]) => ms !== null);
  c.header('Server-Timing', metrics.map(([name, ms]) => `${name};dur=${Number(ms).toFixed(1)}`).join(', '));
  const cut = [job.stdout_truncated ? 'stdout' : '', job.stderr_truncated ? 'stderr' : ''].filter(Boolean);
  if (cut.length > 0) c.header('X-Truncated', cut.join(', '));
}

/** The job was accepted and goes on. */
export function acceptedAnswer(c: ApiContext, record: JobRecord): Response {
  c.header('Location', `/jobs/${record.job.id}`);
  return jsonText(c, jobJson(record), 202);
}

/** The problem of a job that ended otherwise than by success. */
export const failedAnswer = (c: ApiContext, job: Finished): Response => failure(c, job, errorOf(job));

export const goesOn = ({ job }: JobRecord): boolean => !isTerminal(job.status);

/** A job that never ran has no error of its own: its status is the code. */
function errorOf({ status, error }: Finished): JobError {
  return error ?? { code: status as FailureCode, message: `The job is ${status}.` };
}
