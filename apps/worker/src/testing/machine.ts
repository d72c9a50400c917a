import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Logger } from '@jobcell/shared/log';
import Docker from 'dockerode';
import { drivers as declared } from '../../../../tests/support/drivers.ts';
import { createDockerDriver } from '../sandbox/docker/driver.ts';
import { connectEngine, type Engine } from '../sandbox/docker/engine.ts';
import type { SandboxDriver } from '../sandbox/port.ts';
import { createProcessDriver } from '../sandbox/process/driver.ts';

export const repository = resolve(import.meta.dirname, '../../../..');
export const nsjailDir = resolve(repository, 'nsjail');
export const dataDir = resolve(repository, process.env.DATA_DIR ?? '.jobcell');
export const image = process.env.SANDBOX_IMAGE ?? 'jobcell-sandbox';
export const seccomp = readFileSync(resolve(nsjailDir, 'seccomp/container.json'), 'utf8');

const sandboxDir = resolve(dataDir, 'sandbox');
const skips: Record<string, string | null> = {
  process: existsSync(sandboxDir)
    ? null
    : `skipped: the sandbox's Python is not set up in ${sandboxDir} (npm start does)`,
  docker: await imageReason(),
};

/** The drivers, each with the reason why this machine cannot run it, or `null`. */
export const drivers = declared.map(({ name, skip }) => ({ name, skip: skip ?? skips[name] ?? null }));

export const skipOf = (name: 'process' | 'docker'): string | null =>
  drivers.find((driver) => driver.name === name)?.skip ?? null;

export type TestDriverOptions = {
  worker: string;
  installation: string;
  log: Logger;
  engine?: Engine;
  nsjail?: string;
  start?: 'warm' | 'cold';
};

/** A driver as the worker makes it, for a worker and an installation of the test's own. */
export function makeDriver(name: 'process' | 'docker', options: TestDriverOptions): SandboxDriver {
  const { worker, installation, log, engine = connectEngine(), nsjail = nsjailDir, start = 'warm' } = options;
  if (name === 'process')
    return createProcessDriver({
      nsjailDir: nsjail,
      sandboxDir,
      runDir: resolve(sandboxDir, '../run'),
      start,
      isolation: 'nsjail',
      log,
    });
  return createDockerDriver({
    engine,
    image,
    seccomp,
    start,
    worker,
    installation,
    liveWorkers: async () => [worker],
    log,
  });
}

async function imageReason(): Promise<string | null> {
  const docker = declared.find((driver) => driver.name === 'docker');
  if (docker?.skip !== null) return null;
  try {
    await new Docker().getImage(image).inspect();
    return null;
  } catch (error) {
    return `skipped: the image ${image} is not there (${(error as Error).message.trim()})`;
  }
}
