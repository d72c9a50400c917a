import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxFacts } from '@jobcell/shared/contract';
import { createLogger } from '@jobcell/shared/log';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { Pool } from '../sandbox/pool.ts';
import { drivers, makeDriver, nsjailDir, skipOf } from '../testing/machine.ts';
import { acceptance } from './acceptance.ts';
import { Gate } from './gate.ts';
import { readProbes } from './probes.ts';

const log = createLogger('silent', 'test');
const probes = readProbes(join(nsjailDir, 'proof'));
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function gateOf(driver: 'process' | 'docker', nsjail = nsjailDir) {
  const installation = `test-gate-${process.pid}`;
  const pool: Pool = new Pool({
    driver: makeDriver(driver, { worker: `w-gate-${driver}`, installation, log, nsjail }),
    ...{ size: 1, refuse: () => null, onChange: () => gate.update(), log },
  });
  const gate = new Gate({ pool, probes, onChange: () => undefined, log });
  ends.push(
    () => pool.close(),
    () => gate.stop(),
  );
  pool.start();
  return { gate, pool };
}

/** A copy of `nsjail/` whose filter lets everything through: one instruction, `return ALLOW`. */
function withoutFilter(): string {
  const folder = mkdtempSync(join(tmpdir(), 'jobcell-no-filter-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  cpSync(nsjailDir, folder, { recursive: true });
  const allow = Buffer.from([0x06, 0, 0, 0, 0, 0, 0xff, 0x7f]);
  for (const machine of ['x86_64', 'aarch64'])
    writeFileSync(join(folder, `seccomp/jail.${machine}.bpf`), allow);
  return folder;
}

describe.each(drivers)('on the $name driver', ({ name, skip }) => {
  test.skipIf(skip !== null)(skip ?? 'a sandbox that holds opens the gate', async () => {
    const { gate } = gateOf(name);
    await until('it is proven', () => gate.verdict.facts !== null);
    expect(gate.verdict.reason).toBeNull();
  });
});

describe.skipIf(skipOf('process') !== null)(skipOf('process') ?? 'the gate', () => {
  test('stays closed when a script could do what it must not, and says what', async () => {
    const { gate, pool } = gateOf('process', withoutFilter());
    expect(gate.verdict.reason).toBe('the sandbox is being started');
    await until('it says so', () => gate.verdict.reason?.startsWith('a script could'));
    expect(gate.verdict.reason).toMatch(/^a script could open a network socket: \[.*AF_INET/);
    expect(gate.verdict.facts).toBeNull();
    expect(pool.usable).toBe(1);
  });

  test('closes when the last slot is gone, and opens when a new one is proven', async () => {
    const { gate, pool } = gateOf('process');
    await until('it is proven', () => gate.verdict.facts !== null);
    process.kill(Number(pool.slots[0]), 'SIGKILL');
    await until('it is closed', () => gate.verdict.facts === null);
    await until('it is proven anew', () => gate.verdict.facts !== null);
  });
});

describe('a slot whose limits are enforced by sampling', () => {
  const facts = { limits_enforced_by: 'sampling' } as SandboxFacts;
  const slot = { facts, fallback: null };

  test('is refused, and the worker told to end, where a cgroup is required', () => {
    const told: string[] = [];
    const refuse = acceptance(true, { log, onImpossible: (reason) => told.push(reason) });
    expect(refuse(slot)).toMatch(/^SANDBOX_REQUIRE_CGROUP is true, but limits are enforced by sampling/);
    expect(told).toHaveLength(1);
  });

  test('is taken with one warning where it is not', () => {
    const warnings: unknown[] = [];
    const warning = Object.assign(createLogger('silent', 'test'), {
      warn: (text: unknown) => warnings.push(text),
    });
    const refuse = acceptance(false, {
      log: warning as never,
      onImpossible: () => expect.fail('not impossible'),
    });
    expect([refuse(slot), refuse(slot)]).toEqual([null, null]);
    expect(warnings).toHaveLength(1);
  });
});

test('a slot that starts its jobs cold is taken, with one warning that says why', () => {
  const warnings: unknown[] = [];
  const warning = Object.assign(createLogger('silent', 'test'), {
    warn: (text: unknown) => warnings.push(text),
  });
  const refuse = acceptance(true, {
    log: warning as never,
    onImpossible: () => expect.fail('not impossible'),
  });
  const facts = { limits_enforced_by: 'cgroup' } as SandboxFacts;
  const reasons = ['setns: not permitted', 'it ended'];
  expect(reasons.map((fallback) => refuse({ facts, fallback }))).toEqual([null, null]);
  expect(warnings).toEqual([expect.stringMatching(/start cold.*\(setns: not permitted\)$/)]);
});
