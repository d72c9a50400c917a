import { existsSync, readFileSync } from 'node:fs';
import { createLogger } from '@jobcell/shared/log';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../../../tests/support/until.ts';
import { drivers, makeDriver } from '../testing/machine.ts';
import type { Sandbox, SandboxDriver, SandboxJob } from './port.ts';
import { patience } from './slot.ts';

const log = createLogger('silent', 'test');
const never = new AbortController().signal;
const docker = new Docker();

const job = (script: string, changes: Partial<SandboxJob> = {}): SandboxJob => ({
  ...{ kind: 'run', script, input: null, timeoutMs: 5000, memoryMb: 256 },
  ...changes,
});
const hello = job('def main():\n  print("hello")\n  return {"msg": "done"}');
const allocate = 'def main(mib):\n  return len(b"x" * (mib << 20))';
const printsAndSleeps = 'import time\ndef main():\n  print("é", flush=True)\n  time.sleep(60)';
const sleep = job('import time\ndef main():\n  time.sleep(60)', { timeoutMs: 20_000 });

/** Ends what the slot's id names, from outside, as a machine in trouble would. */
async function kill(name: string, { id }: Sandbox): Promise<void> {
  if (name === 'docker') await docker.getContainer(id).kill();
  else process.kill(Number(id), 'SIGKILL');
}

const descendants = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .flatMap((child) => [child, ...descendants(child)]);

const isSupervisor = (pid: number): boolean =>
  readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/supervisor');

async function exists(name: string, { id }: Sandbox): Promise<boolean> {
  if (name === 'process') return existsSync(`/proc/${id}`);
  return (await docker.listContainers({ all: true })).some((container) => container.Id === id);
}

describe.each(drivers)('on the $name driver', ({ name, skip }) => {
  describe.skipIf(skip !== null)(skip ?? 'a slot', () => {
    let driver: SandboxDriver;
    let slot: Sandbox;
    const run = async (what: SandboxJob) => {
      await slot.idle();
      return (await slot.run(what)).outcome;
    };

    beforeAll(async () => {
      driver = makeDriver(name, { worker: `w-drivers-${process.pid}`, installation: 'test-drivers', log });
      slot = await driver.make(never);
    });
    afterAll(async () => {
      await slot?.destroy();
      await driver.close();
    });

    test('runs one job after another', async () => {
      for (let turn = 0; turn < 3; turn += 1) {
        expect(await run(hello)).toMatchObject({
          status: 'succeeded',
          result: '{"msg":"done"}',
          stdout: 'hello\n',
        });
      }
    });

    test('says with each outcome what it is', async () => {
      const { runtime, isolation, limitsEnforcedBy } = await run(hello);
      expect(runtime.python).toMatch(/^3\.\d+/);
      expect({ isolation, limitsEnforcedBy }).toEqual({
        isolation: 'nsjail',
        limitsEnforcedBy: slot.facts.limits_enforced_by,
      });
    });

    test('gives each job the memory that it asks for, more and less than the last one', async () => {
      for (const [memoryMb, mib, status] of [
        [512, 300, 'succeeded'],
        [64, 300, 'failed'],
        [512, 300, 'succeeded'],
        [256, 300, 'failed'],
        [32, 4, 'succeeded'],
      ] as const) {
        const outcome = await run(job(allocate, { memoryMb, input: String(mib) }));
        expect(outcome).toMatchObject({ status });
        if (outcome.error !== null) expect(outcome.error.code).toBe('memory_limit');
      }
    });

    test('carries the largest input, output and result', async () => {
      const script = 'def main(text):\n  print("o" * 1048575)\n  return text';
      const input = JSON.stringify('x'.repeat(4 * 1024 * 1024 - 2));
      const outcome = await run(job(script, { input, memoryMb: 512 }));
      expect(outcome.status).toBe('succeeded');
      expect(outcome.result === input).toBe(true);
      expect(outcome.stdout).toHaveLength(1024 * 1024);
      expect(outcome.stdoutTruncated).toBe(false);
    });

    test('ends a job at its own time', async () => {
      expect((await run({ ...sleep, timeoutMs: 200 })).error?.code).toBe('timeout');
    });

    test('ends a job at once that is cancelled, keeps what it printed, and takes the next one', async () => {
      await slot.idle();
      const stop = new AbortController();
      const heard: string[] = [];
      const running = slot.run(job(printsAndSleeps, { timeoutMs: 20_000 }), {
        signal: stop.signal,
        onOutput: (stream, text) => heard.push(stream, text),
      });
      await until('it has printed', () => heard.length > 0);
      const asked = performance.now();
      stop.abort();
      const { outcome } = await running;
      expect(performance.now() - asked).toBeLessThan(patience.cancelMs);
      expect(outcome).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' }, stdout: 'é\n' });
      expect(heard).toEqual(['stdout', 'é\n']);
      expect(await run(hello)).toMatchObject({ status: 'succeeded' });
    });

    // Only there the supervisor's pid is this machine's.
    if (name === 'process') {
      test('whose supervisor hangs ends a cancelled job within a second all the same', async () => {
        const other = await driver.make(never);
        const stop = new AbortController();
        let heard = false;
        const options = { signal: stop.signal, onOutput: () => (heard = true) };
        const running = other.run(job(printsAndSleeps, { timeoutMs: 20_000 }), options);
        await until('it has printed', () => heard);
        const below = descendants(Number(other.id));
        for (const pid of below.filter(isSupervisor)) process.kill(pid, 'SIGSTOP');
        const asked = performance.now();
        stop.abort();
        await expect(running).rejects.toMatchObject({ reason: 'not_cancelled' });
        await until('nothing of it runs', () => below.every((pid) => !existsSync(`/proc/${pid}`)));
        expect(performance.now() - asked).toBeLessThan(1_000);
        await other.death;
      });
    }

    test('that is killed tells so at once, its job has no outcome, and nothing of it is left', async () => {
      const other = await driver.make(never);
      const running = other.run(sleep);
      await Promise.all([
        kill(name, other),
        expect(running).rejects.toMatchObject({ name: 'SlotDeath', reason: 'ended' }),
      ]);
      expect(other.alive).toBe(false);
      await other.death;
      await until('nothing is left', async () => !(await exists(name, other)));
    });

    test('that is destroyed under a job leaves nothing', async () => {
      const other = await driver.make(never);
      const running = other.run(sleep);
      await Promise.all([other.destroy(), expect(running).rejects.toMatchObject({ reason: 'destroyed' })]);
      expect(await exists(name, other)).toBe(false);
    });
  });
});
