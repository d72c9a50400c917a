"""cgroup v2: one tree; ours in the nearest place, from the worker's own upwards, that can hand the controllers on."""

import os

import cgroup_places

VERSION = "v2"
CONTROLLERS = ("memory", "pids", "cpu")
WRITTEN_BY_SUPERVISOR = ("memory.max", "memory.swap.max")
CPU_PERIOD_US = 100_000


def parents():
    """Controller to the folder in which slots get theirs: one and the same."""
    for root, point, fstype, _ in cgroup_places.mounts():
        if fstype == "cgroup2":
            own = cgroup_places.folder_of(cgroup_places.memberships()[""], root, point)
            folder = _nearest(own, point)
            return dict.fromkeys(CONTROLLERS, folder)
    raise OSError("cgroup2 is not mounted")


def limit(folders, processes, cpu_ms_per_second):
    cgroup_places.write(folders["pids"], "pids.max", processes)
    cgroup_places.write(folders["cpu"], "cpu.max", f"{CPU_PERIOD_US * cpu_ms_per_second // 1000} {CPU_PERIOD_US}")
    if not os.path.exists(os.path.join(folders["memory"], "memory.max")):
        raise OSError("no memory.max")


def _nearest(folder, top):
    # A cgroup that has processes of its own (the worker's, mostly) hands nothing on: then its parent is asked.
    while True:
        if os.access(folder, os.W_OK) and _hands_on(folder):
            return folder
        if os.path.samefile(folder, top):
            raise PermissionError("no place above the worker hands on memory, pids and cpu")
        folder = os.path.dirname(folder)


def _hands_on(folder):
    path = os.path.join(folder, "cgroup.subtree_control")
    for _ in range(2):
        with open(path, encoding="ascii") as file:
            if set(CONTROLLERS) <= set(file.read().split()):
                return True
        try:
            cgroup_places.write(folder, "cgroup.subtree_control", " ".join(f"+{name}" for name in CONTROLLERS))
        except OSError:
            return False
    return False
