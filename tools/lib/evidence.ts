import { readFileSync } from 'node:fs';
import type { CauseId } from './causes.ts';

/** What this machine says of itself, beside what failed. */
export type Evidence = {
  /** The value of a sysctl, by its path below /proc/sys; `undefined` where the kernel has none. */
  sysctl(name: string): string | undefined;
  /** Whether this process runs under a seccomp filter, as in a container. */
  filtered: boolean;
  isRoot: boolean;
  /** Whether it has CAP_SYS_ADMIN, without which root is an ordinary user here. */
  hasSysAdmin: boolean;
};

const FILTERED = 2;
const SYS_ADMIN = 1n << 21n;

/** The sysctls that forbid user namespaces, with the value that does. */
const SWITCHES = [
  ['user/max_user_namespaces', '0', 'user_namespaces_off'],
  ['kernel/unprivileged_userns_clone', '0', 'unprivileged_user_namespaces_off'],
  ['kernel/apparmor_restrict_unprivileged_userns', '1', 'apparmor_restricts_namespaces'],
] as const;

/** From /proc; where there is none, as outside of Linux, nothing is known. */
export function readEvidence(): Evidence {
  const status = read('/proc/self/status') ?? '';
  return {
    sysctl: (name) => read(`/proc/sys/${name}`),
    filtered: Number(fieldOf(status, 'Seccomp')) === FILTERED,
    isRoot: process.getuid?.() === 0,
    hasSysAdmin: (BigInt(`0x${fieldOf(status, 'CapEff') ?? '0'}`) & SYS_ADMIN) !== 0n,
  };
}

/** Why a user namespace, or what is made in one, was refused to this process. `said` is the refusal's own message. */
export function causeOfNamespaces(said: string, evidence: Evidence): CauseId {
  if (/no space left on device/i.test(said)) return 'user_namespaces_off';
  const known = switchThatForbids(evidence);
  if (known !== undefined) return known;
  if (evidence.filtered) return 'seccomp_profile_missing';
  return evidence.isRoot && !evidence.hasSysAdmin ? 'root_without_capabilities' : 'unknown';
}

/** The sysctl that forbids user namespaces to whom has no capability, wherever on this kernel. */
export function switchThatForbids({ sysctl }: Evidence): CauseId | undefined {
  return SWITCHES.find(([name, value]) => sysctl(name) === value)?.[2];
}

function fieldOf(status: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1];
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
