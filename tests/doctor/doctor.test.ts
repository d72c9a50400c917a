import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skipOf } from '../../apps/worker/src/testing/machine.ts';
import { causes } from '../../tools/lib/causes.ts';
import { docker } from '../faults/docker.ts';
import {
  clone,
  type Ground,
  isRoot,
  makeFurnishedGround,
  makeGround,
  REPOSITORY,
  takeDependencies,
} from '../start/jobcell.ts';
import { textOf } from '../support/proc.ts';
import { doctor, report } from './doctor.ts';

const REFUSING = join(REPOSITORY, 'nsjail/tests/supervisor/refusing.py');
const refusing = (call: string) => ['/usr/bin/python3', '-I', REFUSING, call, '/usr/bin/env'];

const noEngine = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };

const ground = makeFurnishedGround();
afterAll(ground.remove);

const found = (cause: keyof typeof causes, severity: 'refused' | 'weaker', seen: RegExp) => ({
  ...{ cause, severity, cure: causes[cause].cure },
  seen: expect.stringMatching(seen),
});

/** Processes whose command line names the ground's folder: those of its slots. */
const slotsLeft = ({ dataDir }: Ground) =>
  readdirSync('/proc').filter((pid) => textOf(`/proc/${pid}/cmdline`).includes(dataDir));

describe.skipIf(skipOf('process') !== null)(skipOf('process') ?? 'the process driver', () => {
  test('that works is proven in a slot of its own, of which nothing is left, and the exit code is 0', async () => {
    const { code, report: told } = await report(ground, { settings: noEngine });
    expect(code).toBe(0);
    expect(told).toMatchObject({ works: true, npm_start: { driver: 'process', works: true } });
    expect(told.drivers.process).toMatchObject({
      works: true,
      slot: { isolation: 'nsjail', start: 'warm', packages: { pandas: expect.any(String) } },
    });
    expect(slotsLeft(ground)).toEqual([]);
  });

  test('that works makes the exit code 0 also where nothing else does, and the text says which', async () => {
    const { code, stdout } = await doctor(ground, [], { settings: noEngine });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}process +works, proven with a trial jail$/m);
    expect(stdout).toMatch(/^ {2}npm start +runs jobs on the process driver$/m);
    expect(stdout).toMatch(/^ {2}docker compose up cannot run jobs/m);
    expect(stdout).toContain(causes.engine_unreachable.cure);
  });

  test('is tried as the settings say', async () => {
    const { report: told } = await report(ground, { settings: { ...noEngine, SANDBOX_START: 'cold' } });
    expect(told.drivers.process).toMatchObject({ works: true, slot: { start: 'cold' }, findings: [] });
  });

  test('without its Python packages is told to be so, and they are left to npm start', async () => {
    const bare = makeGround();
    try {
      const { code, report: told } = await report(bare, { settings: noEngine });
      expect(code).toBe(1);
      expect(told.drivers.process.findings).toEqual([
        found('sandbox_python_missing', 'refused', /sandbox is not/),
      ]);
      expect(existsSync(bare.dataDir)).toBe(false);
    } finally {
      bare.remove();
    }
  });

  test('where user namespaces are off is refused with the sysctl and its cure, and the exit code is 1', async () => {
    const off = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"';
    const prefix = ['unshare', '--user', '--map-root-user', 'sh', '-c', off, 'sh'];
    const { code, report: told } = await report(ground, { prefix, settings: noEngine });
    expect(code).toBe(1);
    expect(told.drivers.process).toEqual({
      ...{ works: false, slot: null },
      findings: [found('user_namespaces_off', 'refused', /^cannot make user namespaces here: /)],
    });
    expect(told.npm_start).toEqual({ driver: 'process', works: false });
  });

  test.each(['unshare', 'mount_setattr'])(
    'under a seccomp filter that refuses %s is refused with the profile that it needs',
    async (call) => {
      const { code, report: told } = await report(ground, { prefix: refusing(call), settings: noEngine });
      expect(code).toBe(1);
      expect(told.drivers.process.findings).toEqual([
        found('seccomp_profile_missing', 'refused', /Operation not permitted/),
      ]);
    },
  );

  test('that can only start cold works, with a warning that has the reason', async () => {
    const { code, report: told } = await report(ground, { prefix: refusing('setns'), settings: noEngine });
    expect(code).toBe(0);
    expect(told.drivers.process).toMatchObject({
      ...{ works: true, slot: { start: 'cold' } },
      findings: [found('cold_start', 'weaker', /setns/)],
    });
  });

  describe.skipIf(!isRoot)(isRoot ? 'as an ordinary user' : 'skipped: needs root to become one', () => {
    const stranger = makeFurnishedGround({ asStranger: true });
    afterAll(stranger.remove);
    let cwd = '';
    beforeAll(() => {
      cwd = clone(stranger);
      takeDependencies(cwd);
    });

    test('who can write no cgroup works by sampling, with a warning that has the reason', async () => {
      const { code, report: told } = await report(stranger, { cwd, settings: noEngine });
      expect(code).toBe(0);
      expect(told.drivers.process).toMatchObject({
        ...{ works: true, slot: { limits_enforced_by: 'sampling' } },
        findings: [found('cgroup_not_writable', 'weaker', /^no cgroup can be made for the slot \(/)],
      });
      expect(slotsLeft(stranger)).toEqual([]);
    });

    test('who can write no cgroup is refused where one is required', async () => {
      const settings = { ...noEngine, SANDBOX_REQUIRE_CGROUP: 'true' };
      const { code, report: told } = await report(stranger, { cwd, settings });
      expect(code).toBe(1);
      expect(told.drivers.process.findings).toEqual([
        found('cgroup_not_writable', 'refused', /^no cgroup can be made for the slot \(/),
      ]);
    });

    test.skipIf(skipOf('docker') !== null)(
      skipOf('docker') ?? "who may not use the engine's socket is told so",
      async () => {
        const { report: told } = await report(stranger, { cwd });
        expect(told.drivers.docker.findings).toEqual([
          found('engine_permission_denied', 'refused', /EACCES/),
        ]);
      },
    );
  });
});

describe('the docker driver', () => {
  test('without an engine is refused with how to start one', async () => {
    const { code, report: told } = await report(ground, {
      settings: { ...noEngine, SANDBOX_DRIVER: 'docker' },
    });
    expect(code).toBe(1);
    expect(told.drivers.docker.findings).toEqual([
      found('engine_unreachable', 'refused', /does not answer \(ENOENT\)/),
    ]);
    expect(told.docker_compose_up).toEqual({ driver: 'docker', works: false, builds_image: false });
  });
});

describe.skipIf(skipOf('docker') !== null)(skipOf('docker') ?? 'the docker driver with an engine', () => {
  test('that works is proven in a container of its own, beside the process driver, and nothing is left', async () => {
    const { code, report: told } = await report(ground, { settings: { SANDBOX_DRIVER: 'docker' } });
    expect(code).toBe(0);
    expect(told.drivers.docker).toMatchObject({
      works: true,
      slot: { isolation: 'nsjail', limits_enforced_by: 'cgroup' },
      findings: [],
    });
    expect(told.docker_compose_up).toEqual({ driver: 'docker', works: true, builds_image: false });
    expect(told.drivers.process.works).toBe(skipOf('process') === null);
    const workers = await docker('ps', '--all', '--format', '{{.Label "jobcell.worker"}}');
    expect(workers.split('\n').filter((worker) => worker.startsWith('doctor-'))).toEqual([]);
  });

  test('without its image is refused with the command that builds it, which compose does by itself', async () => {
    const settings = { SANDBOX_DRIVER: 'docker', SANDBOX_IMAGE: 'jobcell-that-is-not-there' };
    const { code, report: told } = await report(ground, { settings });
    expect(code).toBe(1);
    expect(told.drivers.docker.findings).toEqual([
      found('image_missing', 'refused', /^the image jobcell-that-is-not-there is not/),
    ]);
    expect(told.docker_compose_up).toEqual({ driver: 'docker', works: true, builds_image: true });
  });
});

test('words that are not understood are one line and exit code 2', async () => {
  for (const word of ['--jsn', 'docker', '--json=1']) {
    const { code, stdout, stderr } = await doctor(ground, [word]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^jobcell: [^\n]+ \(npm run doctor -- --help\)\n$/);
  }
});

test('--help tells the words and the exit codes', async () => {
  const { code, stdout } = await doctor(ground, ['--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('--json');
  expect(stdout).toMatch(/^Exit codes: 0 /m);
});

test('a bad setting is one line, and nothing is on stdout', async () => {
  const { code, stdout, stderr } = await doctor(ground, ['--json'], { settings: { SANDBOX_DRIVER: 'vm' } });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toBe('jobcell: SANDBOX_DRIVER must be process or docker; it is "vm"\n');
});
