import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLogFile } from './log-file.ts';

test('a log keeps what was written last and stays under twice its bound', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jobcell-test-'));
  const path = join(folder, 'api.log');
  const log = openLogFile(path, 1_000);
  for (let number = 0; number < 1_000; number += 1) log.write(`line ${number}\n`);
  log.close();
  expect(statSync(path).size + statSync(`${path}.1`).size).toBeLessThan(2_100);
  expect(readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8')).toMatch(/line 998\nline 999\n$/);
  rmSync(folder, { recursive: true });
});
