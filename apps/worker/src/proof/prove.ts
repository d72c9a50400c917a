import type { SandboxFacts } from '@jobcell/shared/contract';
import type { Outcome } from '@jobcell/shared/store';
import type { Sandbox, SandboxPool } from '../sandbox/port.ts';
import type { Probe } from './probes.ts';

/** The sandbox does not hold, or it could not be tried. The message is the reason that `/ready` shows. */
export class NotProven extends Error {
  override readonly name = 'NotProven';
}

const PROBE_TIMEOUT_MS = 10_000;

/**
 * Law 6: really tries, in throw-away jails of one of the pool's slots, what no job may be able to do. Returns what
 * the proven sandbox is. Rejects with `NotProven`, or with the `SlotDeath` when the slot died under a probe.
 */
export async function prove(pool: SandboxPool, probes: Probe[], signal: AbortSignal): Promise<SandboxFacts> {
  const slot = await pool.lease(signal);
  try {
    return await proveSlot(slot, probes);
  } finally {
    pool.giveBack(slot);
  }
}

/** The same in a slot that is nobody else's. */
export async function proveSlot(slot: Sandbox, probes: Probe[]): Promise<SandboxFacts> {
  for (const probe of probes) await tryOne(slot, probe);
  return slot.facts;
}

async function tryOne(slot: Sandbox, { script, memoryMb, breach, expect }: Probe): Promise<void> {
  await slot.idle();
  const { outcome } = await slot.run({
    kind: 'run',
    script,
    input: null,
    timeoutMs: PROBE_TIMEOUT_MS,
    memoryMb,
  });
  if (expect === 'memory_limit') {
    if (outcome.error?.code !== 'memory_limit')
      throw new NotProven(`a script could ${breach}: it ended as ${said(outcome)}`);
  } else if (outcome.status !== 'succeeded') {
    throw new NotProven(`whether a script could ${breach} could not be tried: ${said(outcome)}`);
  } else if (outcome.result !== '[]') {
    throw new NotProven(`a script could ${breach}: ${outcome.result}`);
  }
}

/** The probes are ours, so what they say may be shown. */
const said = ({ status, error }: Outcome): string =>
  error === null ? status : `${error.code} (${error.message})`;
