import { readFileSync } from 'node:fs';
import { createLogger } from '@jobcell/shared/log';
import { describe, expect, test } from 'vitest';
import { createDockerDriver } from '../../apps/worker/src/sandbox/docker/driver.ts';
import { connectEngine } from '../../apps/worker/src/sandbox/docker/engine.ts';
import { type Sandbox, type SandboxDriver, SlotDeath } from '../../apps/worker/src/sandbox/port.ts';
import { createProcessDriver } from '../../apps/worker/src/sandbox/process/driver.ts';
import { cases } from '../attacks/expectations.ts';
import { drivers } from '../support/drivers.ts';
import type { Run } from '../support/http.ts';
import { script } from '../support/scripts.ts';
import {
  type Alteration,
  nothing,
  withAltered,
  withAlteredImage,
  withoutFilter,
  withoutNetworkNamespace,
  withoutRlimits,
} from './alter.ts';

/** A protection, and the cases that must turn red without it. `cold`: why jails cannot be started warm without it. */
const controls: { says: string; alter: Alteration; red: string[]; cold?: RegExp }[] = [
  { says: 'nothing is off, no case is red', alter: nothing, red: [] },
  {
    says: 'the filter is off, its cases are red',
    alter: withoutFilter,
    red: ['nested_userns', 'process_vm_readv'],
  },
  {
    says: 'the rlimits are off, their cases are red',
    alter: withoutRlimits,
    red: ['file_size', 'open_files'],
  },
  {
    says: 'the network namespace is off, two jobs share one',
    alter: withoutNetworkNamespace,
    red: ['network_namespace'],
    cold: /^its job process /, // it comes from outside and cannot join what the jail does not own
  },
];

/** Each rejects when it is red. */
const watched: Record<string, (slot: Sandbox) => Promise<void>> = {
  ...Object.fromEntries(
    ['nested_userns', 'process_vm_readv'].map((name) => [
      name,
      async (slot: Sandbox) => {
        const source = script(`attacks/scripts/${name}.py`);
        await cases[name]?.(await runIn(slot, source), undefined as never, source);
      },
    ]),
  ),
  file_size: async (slot) => {
    const { job } = await runIn(slot, script('contract/limits/gigabyte_file.py'));
    expect(job.error?.message).toContain('File too large');
  },
  open_files: async (slot) => {
    const { job } = await runIn(slot, script('contract/limits/open_files_at_most.py'));
    expect(job.result).toEqual([24, 127]);
  },
  network_namespace: async (slot) => {
    const source = script('control/netns_cookie.py');
    const cookies = [(await runIn(slot, source)).job.result, (await runIn(slot, source)).job.result];
    expect(cookies[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(cookies[0]).not.toBe(cookies[1]);
  },
};

describe.each(drivers)('on the $name driver', ({ name, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'a control run: where', () => {
    describe.each(['warm', 'cold'] as const)('jails start %s and', (start) => {
      test.each(controls)('$says', async ({ alter, red, cold }) => {
        const found = await withAltered(alter, (folder) => withDriver(name, start, folder, tryAll));
        console.log(`${name}, ${start}: red ${found.red.join(' ') || 'none'}`);
        expect(found.red).toEqual(red);
        const fallsBack = start === 'warm' && cold !== undefined;
        for (const fallback of found.fallbacks)
          expect(fallback).toEqual(fallsBack ? expect.stringMatching(cold) : null);
      });
    });
  });
});

/** The cases that were red, and what each slot said of its start. A case that could not be tried is neither. */
async function tryAll(driver: SandboxDriver): Promise<{ red: string[]; fallbacks: (string | null)[] }> {
  const found: { red: string[]; fallbacks: (string | null)[] } = { red: [], fallbacks: [] };
  for (const [name, hold] of Object.entries(watched)) {
    const slot = await driver.make(new AbortController().signal);
    found.fallbacks.push(slot.fallback);
    await hold(slot).catch((error: Error) => {
      if (error instanceof SlotDeath) throw error;
      found.red.push(name);
    });
    await slot.destroy();
  }
  return found;
}

async function withDriver<T>(
  name: 'process' | 'docker',
  start: 'warm' | 'cold',
  nsjailDir: string,
  use: (driver: SandboxDriver) => Promise<T>,
): Promise<T> {
  const log = createLogger('silent', 'test');
  const using = async (driver: SandboxDriver) => {
    try {
      return await use(driver);
    } finally {
      await driver.close();
    }
  };
  if (name === 'process') {
    const sandboxDir =
      process.env.JOBCELL_SANDBOX ?? new URL('../../.jobcell/sandbox', import.meta.url).pathname;
    return await using(
      createProcessDriver({
        nsjailDir,
        sandboxDir,
        runDir: `${sandboxDir}/../run`,
        start,
        isolation: 'nsjail',
        log,
      }),
    );
  }
  const seccomp = readFileSync(`${nsjailDir}/seccomp/container.json`, 'utf8');
  const worker = `control-${process.pid}`;
  return await withAlteredImage(nsjailDir, (image) =>
    using(
      createDockerDriver({
        ...{ engine: connectEngine(), image, seccomp, start, worker, installation: worker },
        ...{ liveWorkers: async () => [worker], log },
      }),
    ),
  );
}

/** One job in the slot, as the expectations of the attacks see it. */
async function runIn(slot: Sandbox, source: string): Promise<Run> {
  const job = { kind: 'run', script: source, input: null, timeoutMs: 3000, memoryMb: 256 } as const;
  const { outcome } = await slot.run(job);
  await slot.idle();
  const result = outcome.result === null ? null : JSON.parse(outcome.result);
  return {
    job: { ...outcome, result },
    problem: null,
    answer: { text: outcome.result ?? '' },
  } as unknown as Run;
}
