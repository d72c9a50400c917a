import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Settings } from '@jobcell/shared/config';
import type { Isolation } from '@jobcell/shared/contract';

const run = promisify(execFile);

/**
 * What jobs get here: the best that there is of what the operator accepts. Where that cannot be asked, nothing less than
 * a jail, so that no slot is made.
 */
export async function chooseIsolation(
  { SANDBOX_DRIVER, SANDBOX_ISOLATION }: Pick<Settings, 'SANDBOX_DRIVER' | 'SANDBOX_ISOLATION'>,
  nsjailDir: string,
): Promise<Isolation> {
  if (SANDBOX_DRIVER !== 'process' || SANDBOX_ISOLATION === 'nsjail') return 'nsjail';
  const launcher = ['-I', '-S', join(nsjailDir, 'launcher')];
  const asked = await run('/usr/bin/python3', [...launcher, '--isolation-here']).catch(() => undefined);
  return asked?.stdout.trim() === 'landlock' ? 'landlock' : 'nsjail';
}
