"""Finds the supervisor's own memory cgroup, as a container shows it."""

import os

from cgroup_places import folder_of, memberships, mounts

EVIDENCE_FILE = {"v1": "memory.oom_control", "v2": "memory.events"}


def own_memory_cgroup():
    """("v1" or "v2", folder), or None. v1 counts where the memory controller has a hierarchy of its own."""
    ours = memberships()
    for mount_root, mount_point, fstype, options in mounts():
        if fstype == "cgroup" and "memory" in options:
            version, membership = "v1", ours.get("memory")
        elif fstype == "cgroup2" and "memory" not in ours:
            version, membership = "v2", ours.get("")
        else:
            continue
        folder = membership and folder_of(membership, mount_root, mount_point)
        if folder and os.path.exists(os.path.join(folder, EVIDENCE_FILE[version])):
            return version, folder
    return None
