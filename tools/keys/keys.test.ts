import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tryLock } from '../lib/lock.ts';
import { redisAnswers } from '../lib/redis/server.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'jobcell-keys-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

async function keys(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, DATA_DIR: dataDir };
  const child = spawn(process.execPath, [MAIN, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, stdout, stderr };
}
const create = async (name: string) => {
  const { stdout } = await keys('create', '--name', name, '--scopes', 'admin', '--json');
  return JSON.parse(stdout) as { id: string; key: string };
};
const list = async () => JSON.parse((await keys('list', '--json')).stdout).items as { id: string }[];

test('without REDIS_URL and npm start, keys are in the files of its Redis, which runs for the moment only', async () => {
  const { id } = await create('one');
  expect((await list()).map((key) => key.id)).toEqual([id]);
  expect(await redisAnswers(join(dataDir, 'redis/redis.sock'))).toBe(false);
  const lock = tryLock(join(dataDir, 'start.lock'));
  expect(lock).toBeDefined();
  lock?.release();
});

test('a key can have a secret for webhooks made with it, which is shown once and is in no list', async () => {
  const words = ['create', '--name', 'w', '--scopes', 'jobs:write', '--webhook-secret'];
  const { webhook_secret: secret } = JSON.parse((await keys(...words, '--json')).stdout);
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const { stdout } = await keys(...words);
  expect(stdout).toMatch(/^webhooks whsec_[A-Za-z0-9+/]{43}=$/m);
  expect(stdout).toContain('Keep the key and the webhook secret now: they are not shown again.');
  expect((await keys('list', '--json')).stdout).not.toContain('whsec_');
  expect(await create('without')).not.toHaveProperty('webhook_secret');
});

test('calls at the same time wait for each other, and each does its work', async () => {
  const made = await Promise.all(['a', 'b', 'c'].map(create));
  expect((await list()).map(({ id }) => id).sort()).toEqual(made.map(({ id }) => id).sort());
});

test('what is not understood starts nothing', async () => {
  expect((await keys('create')).code).toBe(2);
  expect((await keys('--help')).code).toBe(0);
  expect(readdirSync(dataDir)).toEqual([]);
});

test('a bad setting is one line', async () => {
  const env = { PATH: process.env.PATH, DATA_DIR: dataDir, REDIS_PREFIX: 'A B' };
  const child = spawn(process.execPath, [MAIN, 'list'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  expect(await text(child.stderr)).toMatch(/^jobcell: REDIS_PREFIX must be [^\n]+\n$/);
});
