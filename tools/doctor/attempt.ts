import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Settings } from '@jobcell/shared/config';
import type { SandboxFacts } from '@jobcell/shared/contract';
import { createLogger } from '@jobcell/shared/log';
import { createDriver } from '../../apps/worker/src/drivers.ts';
import { readProbes } from '../../apps/worker/src/proof/probes.ts';
import { proveSlot } from '../../apps/worker/src/proof/prove.ts';
import type { Engine } from '../../apps/worker/src/sandbox/docker/engine.ts';
import type { SandboxDriver } from '../../apps/worker/src/sandbox/port.ts';
import { ROOT } from '../lib/paths.ts';

export const NSJAIL_DIR = join(ROOT, 'nsjail');

/** How long a slot may take to be made and proven: ten times what it takes on a small machine. */
export const ATTEMPT_MS = 20_000;

export type Tried = { facts: SandboxFacts; fallback: string | null };

/** No slot within `ATTEMPT_MS`. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/**
 * Makes one slot as a worker with these settings does, and proves it as a worker does. Rejects with the reason why that
 * cannot be. Nothing is left of it, and no other Jobcell's containers are touched.
 */
export async function tryDriver(settings: Settings, stop: AbortSignal, engine?: Engine): Promise<Tried> {
  const worker = `doctor-${randomUUID()}`;
  const driver = createDriver({
    settings,
    isolation: 'nsjail',
    nsjailDir: NSJAIL_DIR,
    worker,
    installation: worker,
    liveWorkers: async () => [],
    ...(engine && { engine }),
    log: createLogger('silent', 'doctor'),
  });
  const late = AbortSignal.timeout(ATTEMPT_MS);
  try {
    return await trySlot(driver, AbortSignal.any([late, stop]));
  } catch (error) {
    if (!late.aborted || stop.aborted) throw error;
    throw new OutOfTime(`no slot was made and proven within ${ATTEMPT_MS / 1000} s`);
  } finally {
    await driver.close();
  }
}

async function trySlot(driver: SandboxDriver, signal: AbortSignal): Promise<Tried> {
  const slot = await driver.make(signal);
  const end = () => void slot.destroy();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    const facts = await proveSlot(slot, readProbes(join(NSJAIL_DIR, 'proof')));
    return { facts, fallback: slot.fallback };
  } finally {
    signal.removeEventListener('abort', end);
    await slot.destroy();
  }
}
