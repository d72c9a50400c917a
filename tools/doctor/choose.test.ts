import { expect, test } from 'vitest';
import { NotProven } from '../../apps/worker/src/proof/prove.ts';
import { EngineError } from '../../apps/worker/src/sandbox/docker/engine.ts';
import { SlotDeath } from '../../apps/worker/src/sandbox/port.ts';
import type { Evidence } from '../lib/evidence.ts';
import { OutOfTime } from './attempt.ts';
import { explain } from './choose.ts';

const plain: Evidence = { sysctl: () => undefined, filtered: false, isRoot: false, hasSysAdmin: false };
const filtered: Evidence = { ...plain, filtered: true };
const restricted: Evidence = {
  ...plain,
  sysctl: (name) => (name === 'kernel/apparmor_restrict_unprivileged_userns' ? '1' : undefined),
};

const died = (words: string) => new SlotDeath('1', 'ended', words);
const view = (why: string) => died(`the slot's view of the machine cannot be made (${why})`);
const onHost = (error: Error, evidence = plain) => explain('process', error, evidence).cause;
const inContainer = (error: Error, evidence = plain) => explain('docker', error, evidence).cause;

test("the launcher's own words name what is missing on the host", () => {
  expect(onHost(died('the launcher could not be started: spawn ENOENT'))).toBe('python_missing');
  expect(onHost(died('/x/bin/nsjail is missing or not executable: set the sandbox up again'))).toBe(
    'sandbox_python_missing',
  );
  expect(onHost(died('/bin and /lib are not links into /usr: this distribution is not supported'))).toBe(
    'distribution_unsupported',
  );
});

test('a mount that is refused in a container is its masked /proc, or else its seccomp profile', () => {
  expect(onHost(view('[Errno 1] mount proc on /mnt/proc: Operation not permitted'), filtered)).toBe(
    'proc_masked',
  );
  expect(onHost(view('[Errno 1] syscall: Operation not permitted'), filtered)).toBe(
    'seccomp_profile_missing',
  );
});

test("on a host that AppArmor restricts, a mount that is refused is AppArmor's doing, in both drivers", () => {
  const error = view('[Errno 13] mount proc on /mnt/proc: Permission denied');
  expect(onHost(error, restricted)).toBe('apparmor_restricts_namespaces');
  expect(inContainer(died('no jail can be made: mount: Permission denied'), restricted)).toBe(
    'apparmor_restricts_namespaces',
  );
});

test("a container's refusal is never laid on the profile of this process", () => {
  expect(inContainer(died('no jail can be made: Operation not permitted'), filtered)).toBe('unknown');
});

test("an engine's refusals are told apart", () => {
  const unreachable = (code: string) =>
    new EngineError('unreachable', code, { cause: Object.assign(new Error(code), { code }) });
  expect(inContainer(unreachable('ECONNREFUSED'))).toBe('engine_unreachable');
  expect(inContainer(unreachable('EACCES'))).toBe('engine_permission_denied');
  expect(inContainer(new EngineError('other', 'seccomp is not enabled in your kernel'))).toBe(
    'engine_without_seccomp',
  );
  expect(inContainer(new EngineError('other', 'no space left on device'))).toBe('unknown');
  expect(inContainer(new Error('the image x is not on this Docker engine: build it'))).toBe('image_missing');
  expect(inContainer(died('supervisor: no memory cgroup of this slot can be read'))).toBe(
    'memory_cgroup_missing',
  );
});

test('a sandbox that does not hold, and one that is late, are causes of their own in both drivers', () => {
  const leak = new NotProven('a script could make a user namespace: Operation not permitted');
  expect([onHost(leak, filtered), inContainer(leak)]).toEqual(['not_proven', 'not_proven']);
  const late = new OutOfTime('no slot within 20 s');
  expect([onHost(late), inContainer(late)]).toEqual(['timed_out', 'timed_out']);
});

test('what is not known is told as it was said', () => {
  expect(explain('process', died('a new error'), filtered)).toEqual({
    cause: 'unknown',
    seen: 'slot ended: a new error',
  });
});
