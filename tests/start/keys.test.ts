import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { Client } from '../support/http.ts';
import { until } from '../support/until.ts';
import { makeFurnishedGround, npmStart, REPOSITORY } from './jobcell.ts';

const run = promisify(execFile);
const ground = makeFurnishedGround();
afterAll(ground.remove);

async function keys(...words: string[]): Promise<string> {
  const env = { ...process.env, DATA_DIR: ground.dataDir, REDIS_URL: '' };
  const { stdout } = await run('npm', ['run', '--silent', 'keys', '--', ...words], { cwd: REPOSITORY, env });
  return stdout;
}
const create = async (...more: string[]): Promise<{ id: string; key: string }> =>
  JSON.parse(await keys('create', '--name', 'test', '--scopes', 'jobs:write,jobs:read', '--json', ...more));
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const body = { script: 'def main():\n  return 1' };

test('npm run keys makes keys for a start that runs, and for the next one, which listens for all', async () => {
  const first = npmStart(ground, REPOSITORY);
  const { url } = await first.ready();
  const client = new Client(url);
  expect((await client.post('/execute', body)).status).toBe(200);
  const { id, key } = await create();
  await until('a key is needed', async () => (await client.post('/execute', body)).status === 401);
  expect((await client.post('/execute', body, bearer(key))).body).toEqual({ result: 1, stdout: '' });
  expect(await keys('revoke', id)).toContain('is revoked');
  await until('it is refused', async () => (await client.post('/execute', body, bearer(key))).status === 401);
  first.npm.kill('SIGTERM');
  expect(await first.ended()).toBe(0);

  const later = await create();
  const second = npmStart(ground, REPOSITORY, { settings: { HOST: '0.0.0.0' } });
  const ready = await second.ready();
  expect(ready.command).toContain('Authorization: Bearer');
  const again = new Client(ready.url);
  expect((await again.post('/execute', body)).status).toBe(401);
  expect((await again.post('/execute', body, bearer(later.key))).status).toBe(200);
  expect(second.output()).not.toContain(later.key);
  second.npm.kill('SIGTERM');
  expect(await second.ended()).toBe(0);
});
