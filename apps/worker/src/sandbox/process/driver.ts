import { join } from 'node:path';
import type { Isolation } from '@jobcell/shared/contract';
import type { Logger } from '@jobcell/shared/log';
import type { Sandbox, SandboxDriver } from '../port.ts';
import { openSlot } from '../slot.ts';
import { startLauncher } from './launcher.ts';

export type ProcessDriverOptions = {
  /** The folder `nsjail/` of this repository: launcher, supervisor, runner, configuration. */
  nsjailDir: string;
  /** The folder with the sandbox's Python packages and the nsjail binary. */
  sandboxDir: string;
  /** A folder, maybe still to be made, for the slots' locks in a container; on a host they have one for all Jobcells. */
  runDir: string;
  start: 'warm' | 'cold';
  isolation: Isolation;
  log: Logger;
};

/** Slots as process trees of this host, without Docker. */
export function createProcessDriver({
  nsjailDir,
  sandboxDir,
  runDir,
  start,
  isolation,
  log,
}: ProcessDriverOptions): SandboxDriver {
  const command = [
    ...['/usr/bin/python3', '-I', '-S', join(nsjailDir, 'launcher')],
    ...['--nsjail-dir', nsjailDir, '--sandbox-dir', sandboxDir, '--start', start],
    ...['--isolation', isolation, '--run-dir', runDir],
  ];
  return {
    make: async (signal): Promise<Sandbox> => await openSlot(startLauncher(command, log), signal),
    // A slot's processes end with their launcher, and the launcher with this process.
    close: async () => undefined,
  };
}
