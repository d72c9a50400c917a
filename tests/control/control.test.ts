import { readFileSync } from 'node:fs';
import { createLogger } from '@jobcell/shared/log';
import { describe, expect, test } from 'vitest';
import { createDockerDriver } from '../../apps/worker/src/sandbox/docker/driver.ts';
import { connectEngine } from '../../apps/worker/src/sandbox/docker/engine.ts';
import type { Sandbox, SandboxDriver } from '../../apps/worker/src/sandbox/port.ts';
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

/** A protection, and the cases that must turn red without it. */
const controls: { says: string; alter: Alteration; red: string[] }[] = [
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
      test.each(controls)('$says', async ({ alter, red }) => {
        const found = await withAltered(alter, (folder) => withDriver(name, start, folder, redCases));
        console.log(`${name}, ${start}: red ${found.join(' ') || 'none'}`);
        expect(found).toEqual(red);
      });
    });
  });
});

async function redCases(driver: SandboxDriver): Promise<string[]> {
  const found: string[] = [];
  for (const [name, hold] of Object.entries(watched)) {
    const slot = await driver.make(new AbortController().signal);
    await hold(slot).catch(() => found.push(name));
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
    return await using(createProcessDriver({ nsjailDir, sandboxDir, start, log }));
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
