import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataDir, openHiddenDataDir } from './data-dir.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jobcell-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;

test('it is made closed to others, whatever the umask', () => {
  const old = process.umask(0);
  expect(modeOf(openDataDir(join(folder, 'a/b')))).toBe(0o700);
  process.umask(old);
});

test('one that is there keeps its permissions', () => {
  chmodSync(folder, 0o755);
  expect(openDataDir(folder)).toBe(folder);
  expect(modeOf(folder)).toBe(0o755);
});

test('a hidden one has a name that nobody can guess, is closed to others, and is found again by every tool', () => {
  const outer = join(folder, 'data');
  const hidden = openHiddenDataDir(outer);
  expect(hidden).toMatch(/\/data\/[0-9a-f]{32}$/);
  expect(modeOf(hidden)).toBe(0o700);
  expect([openHiddenDataDir(outer), openDataDir(outer)]).toEqual([hidden, hidden]);
  expect(openHiddenDataDir(join(folder, 'other'))).not.toContain(hidden.slice(-32));
});

test('one that others can write is refused, and left as it is', () => {
  chmodSync(folder, 0o1777);
  expect(() => openDataDir(folder)).toThrow(`closed to the writes of others; ${folder} is not`);
  expect(modeOf(folder)).toBe(0o777);
});

test('a path that is no folder is refused', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => openDataDir(join(folder, 'file'))).toThrow(/cannot be made: EEXIST/);
  expect(() => openDataDir('/proc/jobcell')).toThrow(/cannot be made: ENOENT/);
});
