import type { FailureCode } from '@jobcell/shared/contract';
import type { ErrorPage } from './error-page.ts';

/** Why a job did not succeed. */
export const failurePages: Record<FailureCode, ErrorPage> = {
  syntax_error: {
    happened: 'Python cannot compile the script. Nothing of it ran.',
    fix: '`error.line` and `error.column` say where. `POST /validate` finds this without running anything.',
    detail: "'(' was never closed",
    error: { type: 'SyntaxError', line: 2, column: 8 },
  },
  main_missing: {
    happened: 'The script binds no callable `main` at its top level.',
    fix: 'Define `def main():` (or `async def main():`) and return the result from it.',
    detail: 'The script defines no function main.',
  },
  script_error: {
    happened:
      'The script raised an exception that it did not catch; also when `input` does not fit the parameters of `main`.',
    fix: '`error.type`, `error.message`, `error.line` and `error.traceback` show it as Python would; the lines count in your script.',
    detail: "unsupported operand type(s) for +: 'int' and 'str'",
    error: {
      type: 'TypeError',
      line: 2,
      traceback:
        "Traceback (most recent call last):\n  File \"script.py\", line 2, in main\n    return 1 + '1'\nTypeError: unsupported operand type(s) for +: 'int' and 'str'\n",
    },
  },
  script_exit: {
    happened:
      'The script ended before `main` had returned: by `sys.exit`, `os._exit` or a `SystemExit`, whatever the exit code.',
    fix: 'Return the result from `main`. `sys.exit(main())` is fine: there `main` has returned.',
    detail: 'The script ended with exit code 137 before main had returned.',
    error: { exit_code: 137 },
  },
  result_not_json: {
    happened: 'What `main` returned cannot be written as JSON, or nests deeper than 200 levels.',
    fix: '`error.path` says where the value stands. Return dicts, lists, strings, numbers, booleans and None; numpy and pandas values are converted.',
    detail: 'The value at $.rows[3].price is a complex, which is not JSON.',
    error: { path: '$.rows[3].price' },
  },
  result_too_large: {
    happened: 'The result has more than 4 MiB as JSON.',
    fix: 'Return less: aggregate, filter or page in the script.',
    detail: 'The result has more than 4194304 bytes of JSON.',
  },
  timeout: {
    happened: 'The script did not end within its `timeout_ms`. What was printed until then is kept.',
    fix: 'Make it faster, or ask for more with `timeout_ms`; `GET /runtime` says how much may be asked for.',
    detail: 'The script ran longer than 5000 ms.',
  },
  memory_limit: {
    happened: 'The script and its children, files in `/tmp` included, needed more memory than `memory_mb`.',
    fix: 'Work on less at a time, or ask for more with `memory_mb`; `GET /runtime` says how much may be asked for.',
    detail: 'The script needed more than 256 MiB of memory.',
  },
  output_limit: {
    happened:
      'The script printed more than 16 times what is kept of stdout (1 MiB) or stderr (256 KiB), and was stopped.',
    fix: 'Print less; return data as the result instead.',
    detail: 'The script printed more than 16777216 bytes to stdout.',
  },
  crashed: {
    happened: 'The script was ended by a signal of its own, such as a segmentation fault in native code.',
    fix: '`error.signal` names it. Look for ctypes, a stack overflow or a broken extension.',
    detail: 'The script was ended by SIGSEGV.',
    error: { signal: 'SIGSEGV' },
  },
  cancelled: {
    happened: 'The caller cancelled the job.',
    fix: 'Nothing, if that was meant; else send it again.',
    detail: 'The job is cancelled.',
  },
  expired: {
    happened: 'The `ttl_ms` of the job passed before a worker was free to start it. It never ran.',
    fix: 'Give it a longer `ttl_ms`, or add workers.',
    detail: 'The job is expired.',
  },
  worker_lost: {
    happened:
      'The worker that ran the job was lost, three times in a row. The script may have run more than once.',
    fix: 'Send it again if it may run again. Where it happens often, the log of the workers says why.',
    detail: 'The worker that ran the job was lost, in each of 3 attempts.',
  },
  sandbox_failure: {
    happened: 'The jail could not be made, or failed around the script, three times in a row.',
    fix: 'Nothing in the script: tell the operator the `job_id`. The log of the workers says why.',
    detail: 'The sandbox failed in each of 3 attempts.',
  },
};
