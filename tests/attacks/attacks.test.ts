import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Jail, jails } from '../support/jails.ts';
import { script } from '../support/scripts.ts';
import { expectStart } from '../support/start.ts';
import { cases } from './expectations.ts';

const names = readdirSync(new URL('scripts/', import.meta.url)).map((file) => file.replace(/\.py$/, ''));

test('every hostile script has an expectation, and every expectation its script', () => {
  expect(Object.keys(cases).sort()).toEqual(names.sort());
  console.log(`${names.length} attacks: ${names.join(' ')}`);
});

describe.each(jails)('$where', ({ skip, warm, start }) => {
  describe.skipIf(skip !== null)(skip ?? 'a hostile script', () => {
    let stack: Jail;
    beforeAll(async () => {
      stack = await start();
    });
    afterAll(() => stack?.stop());

    test('is tried in jails of the start that was asked for', () => expectStart(stack.client, warm));

    test.each(names)('%s is contained, and the next job on the slot succeeds', async (attack) => {
      const slots = await stack.slotIdentities();
      const run = await stack.client.run({
        script: script(`attacks/scripts/${attack}.py`),
        timeout_ms: 2000,
      });
      await cases[attack]?.(run, stack.client, script(`attacks/scripts/${attack}.py`));
      const next = await stack.client.run({ script: 'def main():\n    return "next"' });
      expect(next.job).toMatchObject({ status: 'succeeded', result: 'next', attempts: 1 });
      expect(run.job.attempts, 'ended by its first attempt').toBe(1);
      expect(await stack.slotIdentities(), 'the slot lived on').toEqual(slots);
    });
  });
});
