import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockHolder, tryLock, waitForLock } from './lock.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jobcell-test-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a lock is taken once, and again after its release', () => {
  const lock = tryLock(path);
  expect(lock).toBeDefined();
  expect(tryLock(path)).toBeUndefined();
  lock?.release();
  const again = tryLock(path);
  expect(again).toBeDefined();
  again?.release();
});

test('the lock names its holder while that runs', () => {
  const lock = tryLock(path);
  expect(lockHolder(path)).toBe(process.pid);
  lock?.release();
});

test('a holder that has ended is not named, even if the pid is used again', () => {
  spawnSync('sh', ['-c', `echo "$$ 1" > ${path}`]);
  expect(lockHolder(path)).toBeUndefined();
});

test('a child that was given the descriptor holds the lock after its release here, until it ends', async () => {
  const lock = tryLock(path);
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore', lock?.fd] });
  await once(child, 'spawn');
  lock?.release();
  expect(tryLock(path)).toBeUndefined();
  let waited = false;
  const waiting = waitForLock(path, 10_000, () => {
    waited = true;
    child.stdin?.end();
  });
  const taken = await waiting;
  expect(waited).toBe(true);
  expect(taken).toBeDefined();
  taken?.release();
});
