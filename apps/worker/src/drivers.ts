import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Settings } from '@jobcell/shared/config';
import type { Isolation } from '@jobcell/shared/contract';
import type { Logger } from '@jobcell/shared/log';
import { createDockerDriver } from './sandbox/docker/driver.ts';
import { connectEngine, type Engine } from './sandbox/docker/engine.ts';
import type { SandboxDriver } from './sandbox/port.ts';
import { createProcessDriver } from './sandbox/process/driver.ts';

export type DriverParts = {
  settings: Pick<Settings, 'SANDBOX_DRIVER' | 'SANDBOX_IMAGE' | 'SANDBOX_START' | 'DATA_DIR'>;
  /** What jobs get; the docker driver has nothing but jails. */
  isolation: Isolation;
  /** The folder `nsjail/` of this repository. */
  nsjailDir: string;
  worker: string;
  installation: string;
  /** Ids of the workers whose containers are theirs: all others of this installation are removed. */
  liveWorkers: () => Promise<string[]>;
  /** The engine of the docker driver; else the one that `DOCKER_HOST` names, or that of this host. */
  engine?: Engine;
  log: Logger;
};

/** The driver that `SANDBOX_DRIVER` names. */
export function createDriver({
  settings,
  isolation,
  nsjailDir,
  worker,
  installation,
  liveWorkers,
  engine,
  log,
}: DriverParts): SandboxDriver {
  const start = settings.SANDBOX_START;
  if (settings.SANDBOX_DRIVER === 'process') {
    return createProcessDriver({
      nsjailDir,
      sandboxDir: resolve(settings.DATA_DIR, 'sandbox'),
      runDir: resolve(settings.DATA_DIR, 'run'),
      start,
      isolation,
      log,
    });
  }
  return createDockerDriver({
    engine: engine ?? connectEngine(),
    image: settings.SANDBOX_IMAGE,
    seccomp: readFileSync(join(nsjailDir, 'seccomp', 'container.json'), 'utf8'),
    start,
    worker,
    installation,
    liveWorkers,
    log,
  });
}
