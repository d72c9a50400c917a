import {
  type FailureCode,
  failures,
  type Problem,
  type ProblemCode,
  requestErrors,
} from '@jobcell/shared/contract';
import { problemBody } from '../http/problem.ts';
import type { ErrorPage } from './error-page.ts';
import { failurePages } from './failure-pages.ts';
import { requestErrorPages } from './request-error-pages.ts';

/** All that is said about one code. `fault` and `retried` are of the failures of a job only. */
export type DocumentedError = ErrorPage & {
  code: ProblemCode;
  title: string;
  http: number;
  fault: string;
  retried: string;
  example: Problem;
};

const faults = {
  script: 'the script',
  caller: 'the caller',
  capacity: 'capacity',
  jobcell: 'Jobcell',
} as const;

/** The closed list of the contract, in its order: errors about requests, then failures of jobs. */
export const documentedErrors: { request: DocumentedError[]; job: DocumentedError[] } = {
  request: Object.entries(requestErrors).map(([name, { title, http }]) => {
    const code = name as keyof typeof requestErrors;
    const page = requestErrorPages[code];
    return {
      ...page,
      code,
      title,
      http,
      fault: faultOfRequest(http),
      retried: 'no',
      example: exampleOf(code, page),
    };
  }),
  job: Object.entries(failures).map(([name, { title, http, fault, retried }]) => {
    const code = name as FailureCode;
    const page = failurePages[code];
    const said = retried ? 'yes, 3 attempts in all before this is the outcome' : 'no';
    return {
      ...page,
      code,
      title,
      http,
      fault: faults[fault],
      retried: said,
      example: exampleOfJob(code, page),
    };
  }),
};

function faultOfRequest(http: number): string {
  if (http === 503) return faults.capacity;
  return http === 500 ? faults.jobcell : faults.caller;
}

function exampleOf(code: ProblemCode, { detail }: ErrorPage): Problem {
  return problemBody(code, detail, '0b8f8d1e-5a43-4f5c-9a55-6f1d0a3c7e11');
}

function exampleOfJob(code: FailureCode, page: ErrorPage): Problem {
  return {
    ...exampleOf(code, page),
    job_id: '7d3c1f52-6a0e-4a8e-b1b5-2f4b8f0f6c1d',
    stdout: '',
    stderr: '',
    error: { code, message: page.detail, ...page.error },
  };
}
