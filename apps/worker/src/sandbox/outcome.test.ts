import type { SandboxFacts } from '@jobcell/shared/contract';
import { expect, test } from 'vitest';
import { FrameError } from './frames.ts';
import type { OutcomeMessage } from './messages.ts';
import { toOutcome } from './outcome.ts';

const facts: SandboxFacts = {
  runtime: { python: '3.13.5', packages: {} },
  isolation: 'nsjail',
  limits_enforced_by: 'cgroup',
  limits: {
    ...{
      timeout_ms: 5000,
      memory_bytes: 268435456,
      processes: 64,
      file_bytes: 1,
      tmp_bytes: 1,
      open_files: 128,
    },
    ...{ stdout_bytes: 1, stderr_bytes: 1, result_bytes: 4194304 },
  },
};

const common = {
  type: 'outcome' as const,
  ...{ stdout_truncated: false, stderr_truncated: true, run_ms: 1.5, cpu_ms: 2, peak_memory_bytes: 3 },
  ...{ warm: false, jail_ms: 0 },
};
const succeeded: OutcomeMessage = { ...common, status: 'succeeded', error: null };

const withResult = (result: string | Buffer) =>
  toOutcome(succeeded, new Map([['result', Buffer.from(result as string)]]), facts);

test('a result is passed on as the text that it is', () => {
  const text = '{"b":1.0,"a":12345678901234567890123,"b":2}';
  expect(withResult(text)).toMatchObject({ status: 'succeeded', result: text, error: null });
});

test.each([
  ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ['no JSON', '{"a":}'],
  ['two values', '1 2'],
  ['NaN', 'NaN'],
  ['a byte order mark', '\ufeff1'],
  ['nothing', ''],
  ['201 levels', '['.repeat(201) + ']'.repeat(201)],
  ['a million levels', '['.repeat(1_000_000)],
])('a forged result of %s is result_not_json, and the output stays', (_, result) => {
  const parts = new Map([
    ['result', Buffer.from(result as string)],
    ['stdout', Buffer.from('kept')],
  ]);
  expect(toOutcome(succeeded, parts, facts)).toMatchObject({
    ...{ status: 'failed', result: null, stdout: 'kept', stderrTruncated: true },
    error: { code: 'result_not_json' },
  });
});

test('200 levels are a result', () => {
  expect(withResult('['.repeat(200) + ']'.repeat(200)).status).toBe('succeeded');
});

test('4 MiB of JSON are a result, one byte more is result_too_large', () => {
  const text = JSON.stringify('x'.repeat(4 * 1024 * 1024 - 2));
  expect(withResult(text).status).toBe('succeeded');
  expect(withResult(`${text} `).error?.code).toBe('result_too_large');
});

test('an outcome without the result that it claims is no outcome', () => {
  expect(() => toOutcome(succeeded, new Map(), facts)).toThrow(FrameError);
});

test('output that is no UTF-8 is decoded with replacement', () => {
  const parts = new Map([
    ['result', Buffer.from('1')],
    ['stdout', Buffer.from([0x61, 0xff, 0xe2, 0x82])],
  ]);
  expect(toOutcome(succeeded, parts, facts).stdout).toBe('a\ufffd\ufffd');
});

test('what an exception says is cut to the bounds of the contract, between characters', () => {
  const error = { code: 'script_error' as const, message: 'é'.repeat(5000), traceback: 't'.repeat(20_000) };
  const outcome = toOutcome({ ...common, status: 'failed', error }, new Map(), facts);
  expect(outcome.error?.message).toBe('é'.repeat(2048));
  expect(outcome.error?.traceback).toHaveLength(16 * 1024);
});
