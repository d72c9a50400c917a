import { expect, test } from 'vitest';
import { causeOfNamespaces, type Evidence } from './evidence.ts';

const REFUSED = 'unshare: unshare failed: Operation not permitted';

/** A machine on which nothing stands against namespaces, with what differs. */
const machine = ({
  sysctls = {},
  ...more
}: Partial<Evidence> & { sysctls?: Record<string, string> } = {}) => ({
  ...{ filtered: false, isRoot: false, hasSysAdmin: false },
  ...more,
  sysctl: (name: string) => sysctls[name],
});
const restricted = { 'kernel/apparmor_restrict_unprivileged_userns': '1' };

test.each([
  [{ 'user/max_user_namespaces': '0' }, 'user_namespaces_off'],
  [{ 'kernel/unprivileged_userns_clone': '0' }, 'unprivileged_user_namespaces_off'],
  [restricted, 'apparmor_restricts_namespaces'],
] as const)('a refusal on a machine with %j is %s', (sysctls, cause) => {
  expect(causeOfNamespaces(REFUSED, machine({ sysctls }))).toBe(cause);
});

test('sysctls that allow namespaces are no cause', () => {
  const sysctls = {
    ...{ 'user/max_user_namespaces': '96365', 'kernel/unprivileged_userns_clone': '1' },
    'kernel/apparmor_restrict_unprivileged_userns': '0',
  };
  expect(causeOfNamespaces(REFUSED, machine({ sysctls }))).toBe('unknown');
});

test('namespaces that are used up are told as the sysctl that bounds them', () => {
  const said = 'unshare: unshare failed: No space left on device';
  expect(causeOfNamespaces(said, machine({ sysctls: restricted }))).toBe('user_namespaces_off');
});

test('a seccomp filter is the cause only where no sysctl is, and before a lack of capabilities', () => {
  const container = { filtered: true, isRoot: true };
  expect(causeOfNamespaces(REFUSED, machine(container))).toBe('seccomp_profile_missing');
  expect(causeOfNamespaces(REFUSED, machine({ ...container, sysctls: restricted }))).toBe(
    'apparmor_restricts_namespaces',
  );
});

test('root without CAP_SYS_ADMIN is a cause, root with it is none', () => {
  expect(causeOfNamespaces(REFUSED, machine({ isRoot: true }))).toBe('root_without_capabilities');
  expect(causeOfNamespaces(REFUSED, machine({ isRoot: true, hasSysAdmin: true }))).toBe('unknown');
});
