import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run, RunRequest } from '../support/http.ts';
import { type Jail, jails } from '../support/jails.ts';
import { script } from '../support/scripts.ts';
import { expectStart } from '../support/start.ts';
import { until } from '../support/until.ts';

const MiB = 1024 * 1024;
const EFBIG = 'File too large';

type Case = {
  says: string;
  file?: string;
  script?: string;
  request?: Partial<RunRequest>;
  fails?: Record<string, unknown>;
  returns?: unknown;
  also?: (run: Run) => void;
};

const cases: Case[] = [
  {
    says: 'an endless loop ends at its timeout, and what it printed is kept',
    file: 'endless_loop',
    request: { timeout_ms: 300 },
    fails: { code: 'timeout' },
    also: ({ job }) => {
      expect(job.stdout).toBe('printed before the loop');
      expect(job.timing.run_ms).toBeGreaterThanOrEqual(300);
    },
  },
  {
    says: 'a script that sleeps ends at its timeout',
    file: 'sleeping',
    request: { timeout_ms: 100 },
    fails: { code: 'timeout' },
    also: ({ job }) => expect(job.stdout).toBe('printed before the sleep\n'),
  },
  {
    says: '1 GiB at once is memory_limit, and what was printed is kept',
    file: 'gibibyte_at_once',
    fails: { code: 'memory_limit' },
    also: ({ job }) => expect(job.stdout).toBe('printed before the allocation\n'),
  },
  {
    says: '1 GiB in many children is memory_limit',
    file: 'gibibyte_in_children',
    fails: { code: 'memory_limit' },
  },
  {
    says: 'a full /tmp and then the heap is memory_limit at memory_mb 32',
    file: 'full_tmp_and_heap',
    request: { memory_mb: 32 },
    fails: { code: 'memory_limit' },
  },
  {
    says: 'memory left in shared mappings of children does no harm',
    file: 'shared_mappings_left_behind',
    returns: 'left',
  },
  {
    says: 'shared mappings of children count as memory of the job',
    file: 'shared_mappings_over_the_limit',
    fails: { code: 'memory_limit' },
  },
  { says: '200 MiB fit into the default', file: 'just_within_memory', request: { input: 200 }, returns: 200 },
  {
    says: '300 MiB do not fit into the default',
    file: 'just_within_memory',
    request: { input: 300 },
    fails: { code: 'memory_limit' },
  },
  {
    says: '600 MiB fit when asked for',
    file: 'just_within_memory',
    request: { input: 600, memory_mb: 700 },
    returns: 600,
  },
  {
    says: '64 MiB do not fit into memory_mb 32',
    file: 'just_within_memory',
    request: { input: 64, memory_mb: 32 },
    fails: { code: 'memory_limit' },
  },
  {
    says: 'a fork bomb ends at its timeout',
    file: 'fork_bomb',
    request: { timeout_ms: 500 },
    fails: { code: 'timeout' },
  },
  {
    says: 'there are never more than 64 processes',
    file: 'processes_at_most',
    also: ({ job }) => {
      expect(job.result).toBeLessThanOrEqual(64);
      expect(job.result).toBeGreaterThan(50);
    },
  },
  ...['output_with_newlines', 'output_without_newlines'].map(
    (file): Case => ({
      says: `100 MB of ${file.replaceAll('_', ' ')} is output_limit, cut at 1 MiB and flagged`,
      file,
      fails: { code: 'output_limit' },
      also: ({ job, answer }) => {
        expect(job.stdout_truncated).toBe(true);
        expect(job.stdout?.length).toBe(MiB);
        expect(answer.headers.get('x-truncated')).toBe('stdout');
      },
    }),
  ),
  {
    says: 'stderr without end is output_limit, cut at 256 KiB and flagged',
    file: 'errors_without_end',
    fails: { code: 'output_limit' },
    also: ({ job }) => {
      expect(job.stderr_truncated).toBe(true);
      expect(job.stderr?.length).toBe(MiB / 4);
    },
  },
  {
    says: 'output just over the cap is cut and flagged, and the job succeeds',
    file: 'output_just_over_the_cap',
    returns: 'kept',
    also: ({ job, answer }) => {
      expect(job.stdout_truncated).toBe(true);
      expect(answer.headers.get('x-truncated')).toBe('stdout');
    },
  },
  {
    says: 'output just at the cap is whole and not flagged',
    file: 'output_just_at_the_cap',
    returns: null,
    also: ({ job, answer }) => {
      expect(job.stdout?.length).toBe(MiB);
      expect(job.stdout_truncated).toBe(false);
      expect(answer.headers.get('x-truncated')).toBeNull();
    },
  },
  {
    says: 'a 1 GB file is refused at 10 MiB',
    file: 'gigabyte_file',
    fails: { code: 'script_error', type: 'OSError' },
    also: ({ job }) => expect(job.error?.message).toContain(EFBIG),
  },
  { says: 'a file of 10 MiB can be written', file: 'ten_mebibyte_file', returns: 10 * MiB },
  {
    says: 'four busy processes get one core together',
    file: 'one_core',
    also: ({ job }) => expect(job.result).toBeLessThan(1.3),
  },
  {
    says: 'there are never more than 128 open files',
    file: 'open_files_at_most',
    also: ({ job }) => expect(job.result).toEqual([24, 127]),
  },
  {
    says: 'deep recursion is a script_error',
    file: 'deep_recursion',
    fails: { code: 'script_error', type: 'RecursionError' },
  },
  {
    says: 'os._exit(0) is script_exit, not success, and what was printed is kept',
    file: 'os_exit_zero',
    fails: { code: 'script_exit', exit_code: 0 },
    also: ({ job }) => expect(job.stdout).toBe('printed before the exit'),
  },
  {
    says: 'sys.exit(137) is script_exit',
    file: 'exit_code_137',
    fails: { code: 'script_exit', exit_code: 137 },
  },
  {
    says: 'os._exit(137) is script_exit, not a signal',
    file: 'os_exit_137',
    fails: { code: 'script_exit', exit_code: 137 },
  },
  {
    says: 'a segmentation fault is crashed, by its signal',
    file: 'segfault',
    fails: { code: 'crashed', signal: 'SIGSEGV' },
    also: ({ job }) => expect(job.stdout).toBe('printed before the crash\n'),
  },
  {
    says: 'a script that kills itself is crashed',
    file: 'killed_by_itself',
    fails: { code: 'crashed', signal: 'SIGKILL' },
  },
  {
    says: 'invalid UTF-8 is replaced',
    file: 'invalid_utf8',
    returns: 'kept',
    also: ({ job }) => {
      expect(job.stdout).toBe('a\ufffd\ufffdb\n');
      expect(job.stderr).toBe('\ufffd');
    },
  },
  {
    says: 'a result that is not JSON is named by path and type',
    file: 'result_of_a_socket',
    fails: { code: 'result_not_json', path: '$.rows[2].price', type: 'object' },
  },
  { says: 'a result of 5 MiB is result_too_large', file: 'result_huge', fails: { code: 'result_too_large' } },
  {
    says: 'a result of exactly 4 MiB is whole',
    file: 'result_just_fits',
    also: ({ job }) => expect((job.result as string).length).toBe(4 * MiB - 2),
  },
  {
    says: 'a result 10,000 levels deep is result_not_json',
    file: 'result_ten_thousand_levels',
    fails: { code: 'result_not_json' },
  },
  {
    says: 'a MemoryError that ends the script is memory_limit',
    file: 'memory_error',
    fails: { code: 'memory_limit' },
  },
  {
    says: 'an exception is script_error with its place in the script',
    file: 'raises',
    fails: { code: 'script_error', type: 'KeyError', line: 3 },
    also: ({ job }) => expect(job.error?.traceback).toContain('line 3, in main'),
  },
  {
    says: 'a script with NUL bytes is syntax_error',
    script: 'def main():\n    return 1\0',
    fails: { code: 'syntax_error' },
  },
  {
    says: '256 KiB of opening brackets is syntax_error',
    script: '['.repeat(256 * 1024),
    fails: { code: 'syntax_error' },
  },
  {
    says: '256 KiB of brackets in pairs is syntax_error',
    script: '['.repeat(128 * 1024) + ']'.repeat(128 * 1024),
    fails: { code: 'syntax_error' },
  },
  {
    says: 'a script of 256 KiB runs',
    script: `def main():\n    return 1\n#${'x'.repeat(256 * 1024 - 26)}`,
    returns: 1,
  },
  { says: 'a script without main is main_missing', script: 'x = 1', fails: { code: 'main_missing' } },
  { says: 'a main that is no function is main_missing', script: 'main = 3', fails: { code: 'main_missing' } },
];

describe.each(jails)('$where', ({ skip, warm, start }) => {
  describe.skipIf(skip !== null)(skip ?? 'a limit', () => {
    let stack: Jail;
    beforeAll(async () => {
      stack = await start();
    });
    afterAll(() => stack?.stop());

    test('is tried in jails of the start that was asked for', () => expectStart(stack.client, warm));

    test.each(cases)('$says, and the slot takes the next job', async (limit) => {
      // One that a case before this one has cost: it would fail all that come after it.
      await until('there is a slot', async () => (await stack.client.get('/ready')).status === 200);
      const slots = await stack.slotIdentities();
      const source = limit.script ?? script(`contract/limits/${limit.file}.py`);
      const run = await stack.client.run({ script: source, ...limit.request });
      if (limit.fails !== undefined) {
        expect(run.job).toMatchObject({ status: 'failed', result: null, error: limit.fails, attempts: 1 });
        expect(run.problem).toMatchObject({ code: run.job.error?.code, status: 422, stdout: run.job.stdout });
      } else {
        expect(run.job).toMatchObject({ status: 'succeeded', error: null, attempts: 1 });
      }
      if ('returns' in limit) expect(run.job.result).toEqual(limit.returns);
      limit.also?.(run);
      const next = await stack.client.run({ script: 'def main():\n    return "next"' });
      expect(next.job).toMatchObject({ status: 'succeeded', result: 'next', attempts: 1 });
      expect(await stack.slotIdentities()).toEqual(slots);
    });

    test('an empty script is refused before it is a job, and so is one past 256 KiB', async () => {
      for (const source of ['', 'x'.repeat(256 * 1024 + 1)]) {
        const answer = await stack.client.post('/execute', { script: source });
        expect(answer.status).toBe(400);
        expect(answer.body).toMatchObject({ code: 'invalid_request' });
        expect(answer.headers.get('x-job-id')).toBeNull();
      }
    });
  });
});
