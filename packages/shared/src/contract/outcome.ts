import { z } from 'zod';

/** Why a job did not succeed: the closed list, with whose fault it is and what `POST /execute` answers. */
export const failures = {
  syntax_error: { fault: 'script', http: 422, retried: false, title: 'The script is not valid Python' },
  main_missing: { fault: 'script', http: 422, retried: false, title: 'The script binds no callable main' },
  script_error: { fault: 'script', http: 422, retried: false, title: 'The script raised an exception' },
  script_exit: { fault: 'script', http: 422, retried: false, title: 'The script ended without a result' },
  result_not_json: {
    fault: 'script',
    http: 422,
    retried: false,
    title: 'The result cannot be written as JSON',
  },
  result_too_large: { fault: 'script', http: 422, retried: false, title: 'The result is too large' },
  timeout: { fault: 'script', http: 422, retried: false, title: 'The script ran out of time' },
  memory_limit: { fault: 'script', http: 422, retried: false, title: 'The script ran out of memory' },
  output_limit: { fault: 'script', http: 422, retried: false, title: 'The script printed too much' },
  crashed: { fault: 'script', http: 422, retried: false, title: 'The script was ended by a signal' },
  cancelled: { fault: 'caller', http: 409, retried: false, title: 'The job was cancelled' },
  expired: { fault: 'capacity', http: 503, retried: false, title: 'The job expired before it could start' },
  worker_lost: {
    fault: 'jobcell',
    http: 500,
    retried: true,
    title: 'The workers that ran the job were lost',
  },
  sandbox_failure: { fault: 'jobcell', http: 500, retried: true, title: 'The sandbox failed' },
} as const satisfies Record<string, FailureRule>;

type FailureRule = {
  fault: 'script' | 'caller' | 'capacity' | 'jobcell';
  http: number;
  retried: boolean;
  title: string;
};

export type FailureCode = keyof typeof failures;

export const failureCodes = Object.keys(failures) as [FailureCode, ...FailureCode[]];

/** What went wrong with a job. `line` and `column` count from 1 in the caller's script. */
export const jobErrorSchema = z.strictObject({
  code: z.enum(failureCodes),
  message: z.string(),
  type: z.string().optional().describe("The exception's class"),
  line: z.int().optional(),
  column: z.int().optional(),
  traceback: z.string().optional().describe("The caller's frames only, at most 16 KiB"),
  path: z.string().optional().describe('Where in the result the bad value stands, such as `$.rows[3].price`'),
  exit_code: z.int().optional(),
  signal: z.string().optional().describe('Such as `SIGSEGV`'),
});
export type JobError = z.infer<typeof jobErrorSchema>;
