import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { places } from '../support/drivers.ts';
import { script } from '../support/scripts.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { expectStart } from '../support/start.ts';
import { contacts, summaryOf } from './contacts/contacts.ts';
import { examples } from './examples.ts';

describe.each(places)('on the $name driver, $start', ({ name, start, warm, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'an example', () => {
    let stack: Stack;
    beforeAll(async () => {
      stack = await startStack({ driver: name, start, slots: 2 });
    });
    afterAll(() => stack?.stop());

    test('is tried in jails of the start that was asked for', () => expectStart(stack.client, warm));

    test.each(examples)('of the contract gives exactly its body', async ({ script: source, body }) => {
      const answer = await stack.client.post('/execute', { script: source });
      expect(answer.text).toBe(body);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-job-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.headers.get('server-timing')).toContain('run;dur=');
    });

    test('on real records gives the right answer through /execute and through /jobs with wait_ms', async () => {
      const csv = contacts(4000);
      const request = { script: script('contract/contacts/summarise.py'), input: csv, timeout_ms: 20_000 };
      const expected = summaryOf(csv);
      const executed = await stack.client.run(request);
      expect(executed.job.error).toBeNull();
      expect(executed.job.result).toEqual(expected);
      const job = await stack.client.job(await stack.client.submit(request), 30_000);
      expect(job.result).toEqual(expected);
      expect(job.stdout).toBe(executed.job.stdout);
    });
  });
});
