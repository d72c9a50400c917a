"""cgroup v1: a hierarchy for each controller; ours below the worker's own place in each."""

import os

import cgroup_places

VERSION = "v1"
CONTROLLERS = ("memory", "pids", "cpu")
WRITTEN_BY_SUPERVISOR = ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.max_usage_in_bytes")
CPU_PERIOD_US = 100_000


def is_used():
    """Whether the memory controller has a v1 hierarchy."""
    return "memory" in cgroup_places.memberships()


def parents():
    """Controller to the folder in which slots get theirs."""
    memberships, found = cgroup_places.memberships(), {}
    for root, point, fstype, options in cgroup_places.mounts():
        for controller in CONTROLLERS:
            if fstype == "cgroup" and controller in options and controller in memberships:
                found[controller] = cgroup_places.folder_of(memberships[controller], root, point)
    missing = [controller for controller in CONTROLLERS if controller not in found]
    if missing:
        raise OSError(f"not mounted: {', '.join(missing)}")
    return found


def limit(folders, processes, cpu_ms_per_second):
    cgroup_places.write(folders["pids"], "pids.max", processes)
    cgroup_places.write(folders["cpu"], "cpu.cfs_period_us", CPU_PERIOD_US)
    cgroup_places.write(folders["cpu"], "cpu.cfs_quota_us", CPU_PERIOD_US * cpu_ms_per_second // 1000)
    if not os.path.exists(os.path.join(folders["memory"], "memory.limit_in_bytes")):
        raise OSError("no memory.limit_in_bytes")
