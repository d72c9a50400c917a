import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Jail, jails } from '../support/jails.ts';
import { script } from '../support/scripts.ts';
import { AT_LANDLOCK, skip as skipSingle, startSingle } from '../support/single.ts';
import { expectStart } from '../support/start.ts';
import { atLandlock, cases } from './expectations.ts';
import { verdicts } from './verdicts.ts';

const names = readdirSync(new URL('scripts/', import.meta.url)).map((file) => file.replace(/\.py$/, ''));

const places = [
  ...jails.map((jail) => ({ ...jail, expectations: cases })),
  {
    where: 'in the single container at the landlock level',
    skip: skipSingle,
    warm: true,
    expectations: atLandlock,
    start: () => startSingle(AT_LANDLOCK),
  },
];

test('every hostile script has an expectation and a verdict in words, and every one of these its script', () => {
  for (const table of [cases, atLandlock, verdicts]) expect(Object.keys(table).sort()).toEqual(names.sort());
  console.log(`${names.length} attacks: ${names.join(' ')}`);
});

test('the security model has the verdicts as they are tested', () => {
  const differing = Object.keys(cases).filter((name) => atLandlock[name] !== cases[name]);
  const said = Object.keys(verdicts).filter((name) => verdicts[name]?.landlock !== undefined);
  expect(said.sort()).toEqual(differing.sort());
  const text = readFileSync(new URL('../../docs/security-model.md', import.meta.url), 'utf8');
  const [, table = ''] = /<!-- attacks -->\n([\s\S]*?)<!-- \/attacks -->/.exec(text) ?? [];
  const rows = table.trim().split('\n').slice(2);
  expect(
    rows.map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ),
  ).toEqual(
    Object.entries(verdicts).map(([name, { jail, landlock }]) => [
      `\`${name}\``,
      jail,
      landlock === undefined ? 'the same' : `${landlock.says}: ${landlock.why}`,
    ]),
  );
});

describe.each(places)('$where', ({ skip, warm, start, expectations }) => {
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
      await expectations[attack]?.(run, stack.client, script(`attacks/scripts/${attack}.py`));
      const next = await stack.client.run({ script: 'def main():\n    return "next"' });
      expect(next.job).toMatchObject({ status: 'succeeded', result: 'next', attempts: 1 });
      expect(run.job.attempts, 'ended by its first attempt').toBe(1);
      expect(await stack.slotIdentities(), 'the slot lived on').toEqual(slots);
    });
  });
});
