import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idOf, positionOf } from './position.ts';

const MiB = 1024 * 1024;
/** Caps of the contract, three times: a byte that is no UTF-8 becomes a character of three. */
const positions = fc.record({
  starts: fc.integer({ min: 0, max: 1_000 }),
  stdout: fc.integer({ min: 0, max: 3 * MiB }),
  stderr: fc.integer({ min: 0, max: (3 * MiB) / 4 }),
  done: fc.boolean(),
});
const sequenceOf = (id: string) => Number(id.split('-')[1]);

describe('the id of an event', () => {
  test('says all of where its reader is', () => {
    fc.assert(
      fc.property(positions, (position) => {
        expect(positionOf(idOf(position))).toEqual({ ...position });
      }),
    );
  });

  test('has a sequence that grows with whatever is told, within an attempt', () => {
    fc.assert(
      fc.property(positions, fc.nat(65_536), fc.nat(65_536), (position, stdout, stderr) => {
        fc.pre(stdout + stderr > 0 && position.stderr + stderr <= (3 * MiB) / 4);
        const before = { ...position, done: false };
        const after = { ...before, stdout: before.stdout + stdout, stderr: before.stderr + stderr };
        expect(sequenceOf(idOf(after))).toBeGreaterThan(sequenceOf(idOf(before)));
        expect(sequenceOf(idOf({ ...after, done: true }))).toBeGreaterThan(sequenceOf(idOf(after)));
      }),
    );
  });

  test.each([
    '',
    '1',
    '-',
    '1-',
    '-1',
    '1-x',
    '1-1-1',
    '1.5-1',
    ' 1-1',
    '1-1 ',
    '1-9999999999999999',
    '9999999999-1',
  ])('is not %j', (id) => expect(positionOf(id)).toBeNull());
});
