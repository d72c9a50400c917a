import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { clone, makeFurnishedGround, npmStart, takeDependencies } from './jobcell.ts';
import { findBelow, footprint, leftovers } from './leftovers.ts';

const ground = makeFurnishedGround();
afterAll(ground.remove);

test('npm run dev starts anew what a change affects, outlives a mistake, and leaves nothing', async () => {
  const target = clone(ground);
  takeDependencies(target);
  const start = npmStart(ground, target, { script: 'dev' });
  const ready = (times: number) =>
    until('it is ready', () => start.output().split('watching for changes').length > times, 60_000);
  const pid = (part: string) => findBelow(start.npm.pid ?? 0, `apps/${part}/src/main.ts`);

  await ready(1);
  const before = { api: pid('api'), worker: pid('worker') };
  appendFileSync(join(target, 'apps/api/src/main.ts'), '\n');
  await ready(2);
  expect(pid('api')).not.toBe(before.api);
  expect(pid('worker')).toBe(before.worker);

  const source = join(target, 'apps/worker/src/main.ts');
  const text = readFileSync(source, 'utf8');
  writeFileSync(source, `${text}\nmistake (`);
  await until('it says so', () => start.output().includes('worker ended with code 1: SyntaxError'));
  writeFileSync(source, text);
  await ready(3);
  expect(pid('worker')).not.toBe(before.worker);

  appendFileSync(join(target, 'nsjail/jail.cfg'), '\n');
  await ready(4);

  const print = footprint(start.npm.pid ?? 0);
  start.npm.kill('SIGTERM');
  expect(await start.ended()).toBe(0);
  expect(leftovers(print, ground)).toEqual([]);
});
