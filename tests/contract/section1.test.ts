import { readMembers } from '@jobcell/shared/json';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { places } from '../support/drivers.ts';
import { script } from '../support/scripts.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { expectStart } from '../support/start.ts';

/** What must come of a script. `input` and `result` are JSON texts, as they go over the wire. */
type Expectation = {
  input?: string;
  result?: string;
  result_bytes?: number;
  error?: Record<string, unknown>;
  stdout?: string;
  stderr?: string;
} & Partial<Record<`${'stderr' | 'message' | 'traceback'}_${'contains' | 'lacks'}`, string[]>>;

const expectations = Object.entries(
  JSON.parse(script('scripts/section1/expect.json')) as Record<string, Expectation>,
);

describe.each(places)('on the $name driver, $start', ({ name, start, warm, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'a script', () => {
    let stack: Stack;
    beforeAll(async () => {
      stack = await startStack({ driver: name, start, slots: 2 });
    });
    afterAll(() => stack?.stop());

    test('is tried in jails of the start that was asked for', () => expectStart(stack.client, warm));

    test.each(expectations)('%s ends as the contract says', async (file, expected) => {
      const source = JSON.stringify(script(`scripts/section1/${file}`));
      const input = expected.input === undefined ? '' : `, "input": ${expected.input}`;
      const answer = await stack.client.post('/execute?include=job', `{"script": ${source}${input}}`);
      const id = answer.headers.get('x-job-id') ?? expect.fail(answer.text);
      const job = await stack.client.job(id);

      expect(job.error?.code).toBe(expected.error?.code);
      expect(job.error ?? {}).toMatchObject(expected.error ?? {});
      holdResult(readMembers(answer.text)?.get('result')?.text, expected);
      expect(job.stdout).toBe(expected.stdout ?? '');
      if (expected.stderr_contains === undefined) expect(job.stderr).toBe(expected.stderr ?? '');
      holdTexts({ ...job.error, stderr: job.stderr }, expected);
    });
  });
});

function holdResult(result: string | undefined, expected: Expectation): void {
  if (expected.result !== undefined) expect(result).toBe(expected.result);
  if (expected.result_bytes !== undefined)
    expect(Buffer.byteLength(result ?? '')).toBe(expected.result_bytes);
}

function holdTexts(texts: Record<string, unknown>, expected: Expectation): void {
  for (const [field, text] of Object.entries(texts)) {
    for (const part of expected[`${field}_contains` as 'stderr_contains'] ?? []) expect(text).toContain(part);
    for (const part of expected[`${field}_lacks` as 'stderr_lacks'] ?? []) expect(text).not.toContain(part);
  }
}
