import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { eachTest } from '../testing/each-test.ts';
import { bearer } from '../testing/keys.ts';

const suite = eachTest({});
const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

/** Runs the command as it is run in a container of the API's image. */
function keys(words: string[], environment: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH, REDIS_URL: suite.redis.url, REDIS_PREFIX: suite.api.prefix };
  return spawnSync(process.execPath, [MAIN, ...words], {
    env: { ...env, ...environment },
    encoding: 'utf8',
  });
}
const status = async (key: string) => (await suite.api.call.get('/admin/keys', bearer(key))).status;

test('a key that it makes is taken, listed without its secret, and refused when it has revoked it', async () => {
  const created = keys(['create', '--name', 'from the shell', '--scopes', 'admin,jobs:read', '--json']);
  expect([created.status, created.stderr]).toEqual([0, '']);
  const { id, key, ...more } = JSON.parse(created.stdout);
  expect(more).toEqual({});
  expect(await status(key)).toBe(200);

  const listed = keys(['list']);
  expect(listed.stdout).toContain(id);
  expect(listed.stdout).toContain('from the shell');
  expect(listed.stdout).not.toContain(key.split('_').at(-1));
  const answer = await suite.api.call.get('/admin/keys', bearer(key));
  expect(JSON.parse(keys(['list', '--json']).stdout)).toEqual(answer.json);

  expect(keys(['revoke', id])).toMatchObject({ status: 0, stdout: `${id} is revoked\n` });
  await until('it is refused', async () => (await status(key)) === 401);
  expect(keys(['revoke', id])).toMatchObject({ status: 1, stderr: `jobcell: there is no key "${id}"\n` });
});

test('for people it shows the key with what it is, and that it is not shown again', () => {
  const { stdout } = keys(['create', '--name', 'n', '--scopes', 'jobs:read', '--tenant', 'acme']);
  expect(stdout).toMatch(/^key {6}jobcell_[0-9a-f]{32}_[0-9a-f]{48}$/m);
  expect(stdout).toMatch(/^tenant {3}acme$/m);
  expect(stdout).toContain('it is not shown again');
});

test('says how it is used, and exits with 2 where it is not understood', () => {
  expect(keys(['--help'])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('create --name NAME'),
  });
  for (const words of [[], ['make'], ['create', '--name', 'n']]) {
    const { status, stdout, stderr } = keys(words);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^jobcell: .+ \(npm run keys -- --help\)\n$/);
  }
});

test('exits with 1 where Redis does not answer, and with 2 where the settings are wrong', () => {
  expect(keys(['list'], { REDIS_URL: 'redis://127.0.0.1:1' })).toMatchObject({
    ...{ status: 1, stdout: '', stderr: 'jobcell: Redis did not answer within 5000 ms\n' },
  });
  expect(keys(['list'], { REDIS_URL: '' })).toMatchObject({
    ...{ status: 2, stdout: '', stderr: 'jobcell: REDIS_URL must be set; it is not\n' },
  });
});
