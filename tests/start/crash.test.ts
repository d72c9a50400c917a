import { afterAll, expect, test } from 'vitest';
import { Client } from '../support/http.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { makeFurnishedGround, npmStart, REPOSITORY } from './jobcell.ts';
import { findBelow, footprint, leftovers } from './leftovers.ts';

const ground = makeFurnishedGround();
afterAll(ground.remove);

const PARTS = { redis: 'redis-server', api: 'apps/api/src/main.ts', worker: 'apps/worker/src/main.ts' };

test.each(Object.entries(PARTS))(
  '%s starts again after a crash, with a line that says so',
  async (_name, words) => {
    const start = npmStart(ground, REPOSITORY);
    const client = new Client((await start.ready()).url);
    const before = await client.submit({ script: 'def main(): return 1' });
    expect((await client.job(before, 10_000)).status).toBe('succeeded');
    process.kill(findBelow(start.npm.pid ?? 0, words) ?? 0, 'SIGKILL');
    await until('it is said', () => /was ended by SIGKILL.*; it starts again in 500 ms/.test(start.output()));
    await until(
      'it works again',
      async () => (await client.run({ script: 'def main(): return 2' })).job.result === 2,
    );
    expect((await client.job(before)).result).toBe(1);
    start.npm.kill('SIGTERM');
    expect(await start.ended()).toBe(0);
  },
);

test('a part that crashes on and on ends the start with the reason', async () => {
  const start = npmStart(ground, REPOSITORY);
  await start.ready();
  const print = footprint(start.npm.pid ?? 0);
  for (let count = 0; count < 6; count += 1) {
    const pid = await until('it runs', () => findBelow(start.npm.pid ?? 0, PARTS.api));
    process.kill(pid, 'SIGKILL');
    await until('it is gone', () => findBelow(start.npm.pid ?? 0, PARTS.api) !== pid);
  }
  expect(await start.ended()).toBe(1);
  expect(start.output()).toMatch(/^jobcell: API was ended by SIGKILL.*too often; log: .*api\.log\)$/m);
  expect(leftovers(print, ground)).toEqual([]);
});

test('with REDIS_URL no Redis is started, and that one is used', async () => {
  const redis = await startRedis();
  const start = npmStart(ground, REPOSITORY, { settings: { REDIS_URL: redis.url } });
  const client = new Client((await start.ready()).url);
  expect(findBelow(start.npm.pid ?? 0, PARTS.redis)).toBeUndefined();
  const id = await client.submit({ script: 'def main(): return 3' });
  expect((await client.job(id, 10_000)).result).toBe(3);
  start.npm.kill('SIGTERM');
  expect(await start.ended()).toBe(0);
  await redis.stop();
});
