"""The slot's own cgroup: memory, processes and CPU. Made here, while we may; written by the supervisor."""

import os
import re
import time

import cgroup_v1
import cgroup_v2
from cgroup_places import write
from errors import LaunchError
from jail_config import read_jail_config

NAME = re.compile(r"jobcell-(\d+)\Z")
# Beside a jail's own processes: the supervisor, nsjail and two templates, the holders and job processes of two jails that
# wait, and what is on its way to become any of these.
SLOT_PROCESSES = 12
# A job has one core, by its affinity; the rest is the supervisor's own. Were the job's core all that the slot has, a job
# that keeps the kernel busy, out of memory, would use that up for seconds, and the supervisor could not end it: since
# Linux 6.18 a process that has nothing left goes on in the kernel, at the cost of all others in its cgroup.
CPU_MS_PER_SECOND = 1500
GONE_SECONDS = 2


class Cgroup:
    """`folders`: controller to folder. They may be one (v2) or several (v1)."""

    def __init__(self, version, folders):
        self.version, self.folders = version, folders
        self._memory_fd = os.open(folders["memory"], os.O_RDONLY | os.O_DIRECTORY)
        os.set_inheritable(self._memory_fd, True)

    def join(self):
        for folder in set(self.folders.values()):
            write(folder, "cgroup.procs", "0")

    def arguments(self):
        return [f"--memory={self.version}", f"--cgroup-fd={self._memory_fd}"]

    def remove(self):
        remove_folders(self.folders.values())


def make(slot, options):
    """A Cgroup, or None where there is none to be had and none is required."""
    if options.cgroup == "off":
        return None
    folders = {}
    try:
        module = cgroup_v1 if cgroup_v1.is_used() else cgroup_v2
        parents = module.parents()
        sweep(parents, slot)
        folders = {controller: os.path.join(parent, f"jobcell-{slot.number}") for controller, parent in parents.items()}
        remove_folders(folders.values())
        for folder in set(folders.values()):
            os.mkdir(folder)
        module.limit(folders, *_limits(options))
        for name in module.WRITTEN_BY_SUPERVISOR:
            _give(os.path.join(folders["memory"], name), slot)
        cgroup = Cgroup(module.VERSION, folders)
        _prove_join(cgroup)
        return cgroup
    except OSError as error:
        remove_folders(folders.values())
        if options.cgroup == "require":
            raise LaunchError(f"no cgroup can be made for the slot ({error}), and one is required") from None
        return None


def remove(cgroup):
    if cgroup is not None:
        cgroup.remove()


def sweep(parents, slot):
    """Removes what launchers that were killed have left."""
    for parent in set(parents.values()):
        for name in os.listdir(parent):
            found = NAME.match(name)
            if found and int(found[1]) != slot.number and slot.finds_free(int(found[1])):
                remove_folders([os.path.join(parent, name)])


def remove_folders(folders):
    """Their last processes may still be ending."""
    until = time.monotonic() + GONE_SECONDS
    for folder in set(folders):
        while os.path.isdir(folder):
            try:
                os.rmdir(folder)
            except OSError:
                if time.monotonic() > until:
                    break
                time.sleep(0.01)


def _limits(options):
    """(processes, CPU milliseconds a second) of the slot."""
    limits = read_jail_config(os.path.join(options.nsjail_dir, "jail.cfg")).limits
    return limits.cgroup_processes + SLOT_PROCESSES, CPU_MS_PER_SECOND


def _give(path, slot):
    if slot.root and os.path.exists(path):
        os.chown(path, slot.uid, slot.gid)


def _prove_join(cgroup):
    """An ordinary user may be allowed to make a cgroup and yet not to enter it."""
    pid = os.fork()
    if pid == 0:
        try:
            cgroup.join()
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(pid, 0)[1] != 0:
        cgroup.remove()
        raise PermissionError("it cannot be entered")
