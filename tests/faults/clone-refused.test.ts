import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { drivers } from '../support/drivers.ts';
import type { Part, Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { withStack } from './with-stack.ts';

const repository = resolve(import.meta.dirname, '../..');
const trivial = { script: 'def main(): return 1' };
const reasonToSkip = (name: string) => drivers.find((driver) => driver.name === name)?.skip ?? null;

describe.skipIf(reasonToSkip('docker') !== null)(reasonToSkip('docker') ?? 'on the docker driver', () => {
  test('a seccomp profile without the namespaces keeps the worker from taking jobs: it never runs weaker', async () => {
    await withWorkerOf(withDockersOwnProfile, async (workerPrefix) => {
      await withStack({ driver: 'docker', slots: 2, workers: 0, workerPrefix }, async (stack) => {
        await expectNoJobsTaken(stack, await stack.startWorker(), /no jail can be made/);
      });
    });
  });
});

describe.skipIf(reasonToSkip('process') !== null)(reasonToSkip('process') ?? 'on the process driver', () => {
  test('a machine that refuses user namespaces keeps the worker from taking jobs: it never runs weaker', async () => {
    const none = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"';
    const workerPrefix = ['unshare', '--user', '--map-root-user', 'sh', '-c', none, 'sh'];
    await withStack({ driver: 'process', slots: 2, workers: 0, workerPrefix }, async (stack) => {
      await expectNoJobsTaken(stack, await stack.startWorker(), /user\.max_user_namespaces must be above 0/);
    });
  });
});

async function expectNoJobsTaken(stack: Stack, worker: Part, reason: RegExp): Promise<void> {
  await until('/ready says why', async () => reason.test((await stack.client.get('/ready')).text));
  expect((await stack.client.get('/ready')).body).toMatchObject({
    ready: false,
    status: 503,
    code: 'sandbox_unavailable',
  });
  const refused = await stack.client.post('/execute', trivial);
  expect(refused.body).toMatchObject({ status: 503, code: 'sandbox_unavailable' });
  expect(refused.text).toMatch(reason);
  const id = await stack.client.submit(trivial);
  await pause(3_000);
  expect(await stack.client.job(id)).toMatchObject({ status: 'queued', attempts: 0 });
  expect([worker.process.exitCode, worker.process.signalCode]).toEqual([null, null]);
}

/** A worker whose `nsjail/` is an altered copy, as a prefix for its command, for as long as `use` takes. */
async function withWorkerOf(
  alter: (nsjail: string) => Promise<void>,
  use: (prefix: string[]) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'jobcell-altered-'));
  try {
    for (const part of ['apps/worker', 'nsjail', 'package.json']) {
      await cp(join(repository, part), join(folder, part), { recursive: true });
    }
    await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
    await alter(join(folder, 'nsjail'));
    await use(['env', `--chdir=${folder}`]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Docker's default profile again: `clone` without a flag for a new namespace, and no mounts. */
async function withDockersOwnProfile(nsjail: string): Promise<void> {
  const file = join(nsjail, 'seccomp/container.json');
  const profile = JSON.parse(await readFile(file, 'utf8'));
  const added = profile.syscalls.pop();
  expect(added.names).toContain('unshare');
  const newNamespaces = { index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' };
  profile.syscalls.push({ names: ['clone'], action: 'SCMP_ACT_ALLOW', args: [newNamespaces] });
  await writeFile(file, JSON.stringify(profile));
}
