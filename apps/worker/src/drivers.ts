import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Settings } from '@jobcell/shared/config';
import type { Logger } from '@jobcell/shared/log';
import type { WorkerRegistry } from '@jobcell/shared/store';
import { createDockerDriver } from './sandbox/docker/driver.ts';
import { connectEngine } from './sandbox/docker/engine.ts';
import type { SandboxDriver } from './sandbox/port.ts';
import { createProcessDriver } from './sandbox/process/driver.ts';

export type DriverParts = {
  settings: Pick<Settings, 'SANDBOX_DRIVER' | 'SANDBOX_IMAGE' | 'SANDBOX_START' | 'DATA_DIR'>;
  /** The folder `nsjail/` of this repository. */
  nsjailDir: string;
  worker: string;
  installation: string;
  registry: WorkerRegistry;
  log: Logger;
};

/** A worker without a heartbeat for so long has lost its containers. */
const ORPHANED_MS = 30_000;

/** The driver that `SANDBOX_DRIVER` names. */
export function createDriver({
  settings,
  nsjailDir,
  worker,
  installation,
  registry,
  log,
}: DriverParts): SandboxDriver {
  const start = settings.SANDBOX_START;
  if (settings.SANDBOX_DRIVER === 'process') {
    return createProcessDriver({ nsjailDir, sandboxDir: resolve(settings.DATA_DIR, 'sandbox'), start, log });
  }
  return createDockerDriver({
    engine: connectEngine(),
    image: settings.SANDBOX_IMAGE,
    seccomp: readFileSync(join(nsjailDir, 'seccomp', 'container.json'), 'utf8'),
    start,
    worker,
    installation,
    liveWorkers: async () => (await registry.list(ORPHANED_MS)).map((live) => live.id),
    log,
  });
}
