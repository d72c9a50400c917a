import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRedisPlace } from './place.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jobcell test ü-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the socket lies in the data folder, and the URL leads to it whatever its name', () => {
  const place = openRedisPlace(folder);
  expect(place.socket).toBe(join(folder, 'redis/redis.sock'));
  expect(decodeURIComponent(new URL(place.url).pathname)).toBe(place.socket);
  place.close();
});

test('a path too long for a socket gets a closed folder elsewhere, which goes with `close`', () => {
  const place = openRedisPlace(join(folder, 'x'.repeat(100)));
  const elsewhere = dirname(place.socket);
  expect(Buffer.byteLength(place.socket)).toBeLessThanOrEqual(107);
  expect(statSync(elsewhere).mode & 0o777).toBe(0o700);
  place.close();
  expect(existsSync(elsewhere)).toBe(false);
});

test('what a killed start left elsewhere goes with the next one', () => {
  const long = join(folder, 'x'.repeat(100));
  const left = dirname(openRedisPlace(long).socket);
  const place = openRedisPlace(long);
  expect(existsSync(left)).toBe(false);
  place.close();
});
