import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@jobcell/shared/log';
import Docker from 'dockerode';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../../../../../tests/support/until.ts';
import { image, makeDriver, seccomp, skipOf } from '../../testing/machine.ts';
import type { Sandbox, SandboxDriver } from '../port.ts';
import { containerOptions } from './container.ts';
import { createDockerDriver } from './driver.ts';
import { connectEngine } from './engine.ts';
import { startTidying } from './tidy.ts';

const log = createLogger('silent', 'test');
const never = new AbortController().signal;
const docker = new Docker();
const skip = skipOf('docker');
const installation = `test-${process.pid}-${Date.now()}`;

const sleep = { kind: 'run', script: 'import time\ndef main():\n  time.sleep(60)', input: null } as const;

async function containersOf(worker: string): Promise<string[]> {
  const filters = { label: [`jobcell.installation=${installation}`, `jobcell.worker=${worker}`] };
  return (await docker.listContainers({ all: true, filters })).map((container) => container.Id);
}

test('an engine that takes a question and never answers is given up, whatever was asked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jobcell-engine-'));
  const socketPath = join(folder, 'docker.sock');
  const server = createServer().listen(socketPath);
  const engine = connectEngine({ socketPath }, 100);
  try {
    for (const question of [() => engine.hasAppArmor(), () => engine.list({}), () => engine.remove('x')])
      await expect(question()).rejects.toMatchObject({
        kind: 'unreachable',
        message: 'the Docker engine does not answer within 100 ms',
      });
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});

describe.skipIf(skip !== null)(skip ?? 'the docker driver', () => {
  const open: SandboxDriver[] = [];
  const driverOf = (worker: string) => {
    const driver = makeDriver('docker', { worker, installation, log });
    open.push(driver);
    return driver;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((driver) => driver.close()));
  });

  test('a slot’s container has every protection that the design names', async () => {
    const slot = await driverOf('w-inspect').make(never);
    const { Config, HostConfig, Name } = await docker.getContainer(slot.id).inspect();
    const [user, group] = Config.User.split(':').map(Number);
    expect(user).toBeGreaterThanOrEqual(80_000);
    expect(group).toBe(user);
    expect(Name).toBe(`/jobcell-slot-${user}`);
    expect(HostConfig).toMatchObject({
      ...{
        AutoRemove: true,
        CapDrop: ['ALL'],
        NetworkMode: 'none',
        IpcMode: 'private',
        ReadonlyRootfs: true,
      },
      ...{ Privileged: false, NanoCpus: 1.5e9, LogConfig: { Type: 'none' }, Binds: null },
    });
    expect(HostConfig.CapAdd).toBeNull();
    expect(HostConfig.MemorySwap).toBe(HostConfig.Memory);
    expect(HostConfig.Memory).toBeGreaterThanOrEqual(slot.facts.limits.memory_bytes);
    expect(HostConfig.Memory).toBeLessThan(slot.facts.limits.memory_bytes + 128 * 1024 * 1024);
    expect(HostConfig.PidsLimit).toBe(slot.facts.limits.processes + 16);
    expect(HostConfig.SecurityOpt).toContain('no-new-privileges:true');
    expect(HostConfig.SecurityOpt?.some((option: string) => option.startsWith('seccomp={'))).toBe(true);
    expect(Config.Labels).toMatchObject({ 'jobcell.worker': 'w-inspect', 'jobcell.generation': '1' });
  });

  test('slots of several workers have users of their own', async () => {
    const slots = await Promise.all([1, 2, 3, 4].map((n) => driverOf(`w-user-${n % 2}`).make(never)));
    const users = await Promise.all(
      slots.map(async ({ id }) => (await docker.getContainer(id).inspect()).Config.User),
    );
    expect(new Set(users).size).toBe(4);
  });

  test('closing removes every container of the worker, and no other one', async () => {
    const [one, other] = [driverOf('w-close'), driverOf('w-stays')];
    await Promise.all([one.make(never), one.make(never), other.make(never)]);
    await one.close();
    expect(await containersOf('w-close')).toEqual([]);
    expect(await containersOf('w-stays')).toHaveLength(1);
  });

  test('a frozen slot whose jail was ready is destroyed a second after its job’s time', async () => {
    const slot: Sandbox = await driverOf('w-frozen').make(never);
    const running = slot.run({ ...sleep, timeoutMs: 100, memoryMb: 256 });
    await Promise.all([
      expect(running).rejects.toMatchObject({ name: 'SlotDeath', reason: 'overdue' }),
      docker.getContainer(slot.id).pause(),
    ]);
    await slot.death;
    expect(await containersOf('w-frozen')).toEqual([]);
  });

  test('a missing image is told by name, with what to do', async () => {
    const options = {
      engine: connectEngine(),
      image: 'jobcell-not-there',
      seccomp,
      start: 'warm' as const,
      worker: 'w-image',
      installation,
      log,
    };
    const driver = createDockerDriver({ ...options, liveWorkers: async () => [] });
    open.push(driver);
    await expect(driver.make(never)).rejects.toThrow(
      /^the image jobcell-not-there is not on this Docker engine: build/,
    );
  });

  test('containers of a worker without a heartbeat are removed, those of the living stay', async () => {
    const engine = connectEngine();
    const make = async (worker: string, uid: number) => {
      const labels = { 'jobcell.installation': installation, 'jobcell.worker': worker };
      return await engine.create(
        containerOptions({ image, uid, seccomp, start: 'cold', appArmor: false, labels }),
      );
    };
    await Promise.all([make('w-dead', 89_990), make('w-alive', 89_991), make('w-self', 89_992)]);
    const tidying = startTidying({
      ...{ engine, installation, worker: 'w-self', log, isLive: () => true },
      ...{ liveWorkers: async () => ['w-alive', 'w-self'], everyMs: 50, unwantedMs: 200 },
    });
    await until('the orphan is removed', async () => (await containersOf('w-dead')).length === 0);
    expect(await containersOf('w-alive')).toHaveLength(1);
    expect(await containersOf('w-self')).toHaveLength(1);
    await tidying.stop();
    expect(await containersOf('w-self')).toEqual([]);
    await engine.remove((await containersOf('w-alive'))[0] ?? '');
  });

  test('nobody’s container is removed while it is not known who lives', async () => {
    const engine = connectEngine();
    const labels = { 'jobcell.installation': installation, 'jobcell.worker': 'w-unknown' };
    const id = await engine.create(
      containerOptions({ image, uid: 89_993, seccomp, start: 'cold', appArmor: false, labels }),
    );
    let asked = 0;
    const liveWorkers = async () => {
      asked += 1;
      throw new Error('Redis is away');
    };
    const parts = {
      engine,
      installation,
      worker: 'w-other',
      log,
      isLive: () => true,
      everyMs: 20,
      unwantedMs: 0,
    };
    const tidying = startTidying({ ...parts, liveWorkers });
    await until('it was tried often', () => asked > 5);
    await tidying.stop();
    expect(await containersOf('w-unknown')).toEqual([id]);
    await engine.remove(id);
  });
});

describe('an engine', () => {
  test('that is away is told as such', async () => {
    const away = connectEngine({ socketPath: '/nowhere/docker.sock' });
    await expect(away.start('x')).rejects.toMatchObject({ kind: 'unreachable' });
    await expect(away.start('x')).rejects.toThrow('the Docker engine does not answer (ENOENT)');
  });
});
