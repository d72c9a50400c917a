import { describe, expect, test } from 'vitest';
import { drivers } from '../support/drivers.ts';
import { withStack } from './with-stack.ts';

const SLOTS = 2;
const WARN = 40;
const driver = drivers.find(({ name }) => name === 'process');
const refusing = new URL('../../nsjail/tests/supervisor/refusing.py', import.meta.url).pathname;

describe.skipIf(driver?.skip !== null)(driver?.skip ?? 'a machine that refuses setns', () => {
  test('is told once in the log of the worker, which takes jobs; they start cold, with the same isolation', async () => {
    const workerPrefix = ['/usr/bin/python3', '-I', refusing, 'setns'];
    await withStack({ driver: 'process', start: 'warm', slots: SLOTS, workerPrefix }, async (stack) => {
      const runs = Array.from({ length: 4 * SLOTS }, (_, n) =>
        stack.client.run({ script: 'def main(n): return n', input: n }),
      );
      for (const [n, { job }] of (await Promise.all(runs)).entries())
        expect(job).toMatchObject({ status: 'succeeded', result: n, warm: false, isolation: 'nsjail' });
      const told = stack
        .logs()
        .split('\n')
        .filter((line) => line.includes('jobs start cold'));
      expect(told).toHaveLength(1);
      expect(JSON.parse(told[0] ?? '')).toMatchObject({
        part: 'worker',
        level: WARN,
        msg: expect.stringMatching(/^jobs start cold, with the same isolation: .*setns/),
      });
      expect(stack.logs()).not.toContain('slot died');
    });
  });
});
