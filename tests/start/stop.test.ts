import { afterAll, expect, test } from 'vitest';
import { Client } from '../support/http.ts';
import { until } from '../support/until.ts';
import { makeFurnishedGround, makeGround, type NpmStart, npmStart, REPOSITORY } from './jobcell.ts';
import { findBelow, footprint, leftovers } from './leftovers.ts';

const ground = makeFurnishedGround();
afterAll(ground.remove);

const SLEEPS = 'import time\ndef main(s):\n  time.sleep(s)\n  return s';

/** The tool's process: npm, or the shell between, is its parent. */
const tool = ({ npm }: NpmStart) => findBelow(npm.pid ?? 0, 'tools/start/main.ts') ?? 0;
const group = ({ npm }: NpmStart) => -(npm.pid ?? 0);

const ways: [string, (start: NpmStart) => void, number | string][] = [
  ['SIGTERM to npm', ({ npm }) => npm.kill('SIGTERM'), 0],
  ['SIGTERM to the tool alone', (start) => process.kill(tool(start), 'SIGTERM'), 0],
  ['Ctrl-C, which goes to the whole process group', (start) => process.kill(group(start), 'SIGINT'), 0],
  ['the end of the terminal', (start) => process.kill(group(start), 'SIGHUP'), 'any'],
  ['SIGKILL of npm', ({ npm }) => npm.kill('SIGKILL'), 'SIGKILL'],
  ['SIGKILL of the tool', (start) => process.kill(tool(start), 'SIGKILL'), 'SIGKILL'],
  ['SIGKILL of both at once', (start) => process.kill(group(start), 'SIGKILL'), 'SIGKILL'],
];

test.each(ways)('%s ends every part and leaves nothing', async (_name, end, exit) => {
  const start = npmStart(ground, REPOSITORY);
  const client = new Client((await start.ready()).url);
  expect((await client.run({ script: 'def main(): return 1' })).job.status).toBe('succeeded');
  const print = footprint(start.npm.pid ?? 0);
  end(start);
  const code = await start.ended();
  if (exit !== 'any') expect(code).toBe(exit);
  // Where npm waited for the end of all, nothing may be left by now; a kill leaves the parts some time.
  if (code !== 0)
    await until('the parts have ended', () => leftovers(print, ground).length === 0).catch(() => undefined);
  expect(leftovers(print, ground)).toEqual([]);
});

test('a running job may end, and queued ones wait for the next start', async () => {
  const start = npmStart(ground, REPOSITORY, { settings: { SANDBOX_SLOTS: '1' } });
  const client = new Client((await start.ready()).url);
  const running = await client.submit({ script: SLEEPS, input: 1.5 });
  await until('it runs', async () => (await client.job(running)).status === 'running');
  const queued = [
    await client.submit({ script: SLEEPS, input: 0 }),
    await client.submit({ script: SLEEPS, input: 0.1 }),
  ];
  start.npm.kill('SIGTERM');
  expect(await start.ended()).toBe(0);

  const again = npmStart(ground, REPOSITORY, { settings: { SANDBOX_SLOTS: '1' } });
  const next = new Client((await again.ready()).url);
  expect(await next.job(running)).toMatchObject({ status: 'succeeded', result: 1.5, attempts: 1 });
  const outcomes = await Promise.all(queued.map((id) => next.job(id, 10_000)));
  expect(outcomes.map(({ status, result, attempts }) => ({ status, result, attempts }))).toEqual([
    { status: 'succeeded', result: 0, attempts: 1 },
    { status: 'succeeded', result: 0.1, attempts: 1 },
  ]);
  again.npm.kill('SIGTERM');
  expect(await again.ended()).toBe(0);
});

test('a second Ctrl-C does not wait for running jobs, which run again at the next start', async () => {
  const start = npmStart(ground, REPOSITORY);
  const client = new Client((await start.ready()).url);
  const id = await client.submit({ script: SLEEPS, input: 10, timeout_ms: 20_000 });
  await until('it runs', async () => (await client.job(id)).status === 'running');
  const print = footprint(start.npm.pid ?? 0);
  const startedAt = performance.now();
  process.kill(group(start), 'SIGINT');
  await until('it stops', () => start.output().includes('stopping') && performance.now() - startedAt > 1_500);
  process.kill(group(start), 'SIGINT');
  expect(await start.ended()).toBe(0);
  expect(leftovers(print, ground)).toEqual([]);

  const again = npmStart(ground, REPOSITORY);
  const next = new Client((await again.ready()).url);
  expect((await next.job(id)).status).toMatch(/^(queued|running)$/);
  expect(await next.job(id, 20_000)).toMatchObject({ status: 'succeeded', attempts: 1 });
  again.npm.kill('SIGTERM');
  expect(await again.ended()).toBe(0);
});

test('a stop while the sandbox is being set up leaves nothing half done', async () => {
  const fresh = makeGround();
  const start = npmStart(fresh, REPOSITORY);
  await until('pip runs', () => start.output().includes('installing the sandbox'));
  await until('pip runs', () => findBelow(start.npm.pid ?? 0, ' install '));
  const print = footprint(start.npm.pid ?? 0);
  start.npm.kill('SIGTERM');
  expect(await start.ended()).toBe(130);
  expect(leftovers(print, fresh)).toEqual([]);
  const again = npmStart(fresh, REPOSITORY);
  await again.ready();
  again.npm.kill('SIGTERM');
  expect(await again.ended()).toBe(0);
  fresh.remove();
});
