import type { ContainerCreateOptions } from 'dockerode';

/** What tells whose container it is. `installation` keeps two Jobcells on one host from each other's. */
export const labels = {
  installation: 'jobcell.installation',
  worker: 'jobcell.worker',
  generation: 'jobcell.generation',
} as const;

export type ContainerSpec = {
  image: string;
  /** User and group of this slot alone: kernel quotas for pipes, inotify and keys are per user. */
  uid: number;
  seccomp: string;
  start: 'warm' | 'cold';
  appArmor: boolean;
  labels: Record<string, string>;
};

/** The name is the host-wide lock on the uid. */
const nameOf = (uid: number) => `jobcell-slot-${uid}`;

const MIB = 1024 * 1024;
/** Until the supervisor has said what it needs. */
const FIRST_MEMORY_BYTES = 512 * MIB;
const FIRST_PROCESSES = 256;

/** One slot's container: every protection that Docker has, but for what nsjail needs to make its own. */
export const containerOptions = ({
  image,
  uid,
  seccomp,
  start,
  appArmor,
  labels,
}: ContainerSpec): ContainerCreateOptions => ({
  name: nameOf(uid),
  Image: image,
  Cmd: [`--start=${start}`],
  User: `${uid}:${uid}`,
  Labels: labels,
  Tty: false,
  OpenStdin: true,
  StdinOnce: true,
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  NetworkDisabled: true,
  HostConfig: {
    AutoRemove: true,
    CapDrop: ['ALL'],
    // Docker's AppArmor profile forbids every mount, and nsjail makes its jails by mounts.
    SecurityOpt: [
      'no-new-privileges:true',
      `seccomp=${seccomp}`,
      ...(appArmor ? ['apparmor=unconfined'] : []),
    ],
    ReadonlyRootfs: true,
    // nsjail's work directory: it holds nothing, jails are mounted over it.
    Tmpfs: { '/tmp': 'rw,nosuid,nodev,noexec,size=1m,mode=1777' },
    NetworkMode: 'none',
    IpcMode: 'private',
    ShmSize: MIB,
    Memory: FIRST_MEMORY_BYTES,
    MemorySwap: FIRST_MEMORY_BYTES,
    PidsLimit: FIRST_PROCESSES,
    // A job has one core, by its affinity; the rest is the supervisor's (launcher/cgroups.py tells what it is for).
    NanoCpus: 1_500_000_000,
    Ulimits: [
      { Name: 'core', Soft: 0, Hard: 0 },
      { Name: 'nofile', Soft: 1024, Hard: 1024 },
    ],
    // Else every byte that a job writes would lie in a file on the host.
    LogConfig: { Type: 'none', Config: {} },
  },
});
