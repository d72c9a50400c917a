import type { JobError } from '@jobcell/shared/contract';

/** What is written about one code: plain text, code between backticks. `detail` and `error` make the example. */
export type ErrorPage = {
  happened: string;
  fix: string;
  detail: string;
  error?: Omit<JobError, 'code' | 'message'>;
};
