"""Where cgroups lie, by /proc/self/cgroup and /proc/self/mountinfo. The launcher uses it too."""

import os
import re


def memberships():
    """Controller to our cgroup's path; the v2 tree has the name ""."""
    return parse_memberships(_read("/proc/self/cgroup"))


def mounts():
    """(root, mount point, type, super options) of each mount we see."""
    return parse_mounts(_read("/proc/self/mountinfo"))


def parse_memberships(text):
    found = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        found.update((controller, path) for controller in controllers.split(","))
    return found


def parse_mounts(text):
    found = []
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        mount_root, mount_point = map(_unescape, before.split()[3:5])
        fstype, _, options = after.split(" ", 2)
        found.append((mount_root, mount_point, fstype, options.split(",")))
    return found


def folder_of(membership, mount_root, mount_point):
    """A cgroup's folder below a mount; with a cgroup namespace, or a bind of just this cgroup, the mount itself."""
    top = mount_root.rstrip("/") + "/"
    inside = membership.removeprefix(top)
    if not membership.startswith(top) or inside.startswith(".."):
        return mount_point
    return os.path.join(mount_point, inside).rstrip("/")


def write(folder, name, value):
    with open(os.path.join(folder, name), "w", encoding="ascii") as file:
        file.write(str(value))


def _unescape(path):
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)


def _read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()
