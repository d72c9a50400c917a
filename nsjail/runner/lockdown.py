"""What a job process gives up before it reads the first byte of a job: the order, and why it is this one.

A cold job process was born in its jail: nsjail has entered the namespaces, set the limits and dropped the capabilities.
A warm one comes from a template outside, and does here what nsjail did there.
"""

import posix

from . import libc, reseed
from .frames import RESULT

ANY_DESCRIPTOR = 4096
MOST_EXPENDABLE = b"1000"
KEPT_BY_HOLDER = 3

# Linux numbers; the `resource` module would cost another import.
RLIMITS = {
    "cpu": 0,
    "fsize": 1,
    "data": 2,
    "stack": 3,
    "core": 4,
    "nproc": 6,
    "nofile": 7,
    "memlock": 8,
    "as": 9,
    "sigpending": 11,
    "msgqueue": 12,
    "rtprio": 14,
}
# What has been used counts against these, by a process and in a user namespace: they are set there.
NOT_INHERITED = ("cpu", "nproc")


def apply(setup):
    """In a process that is in its jail."""
    # What it has is one open file for all jobs of a slot: flags and locks that one set would be there for the next.
    null = posix.open("/dev/null", posix.O_RDWR)
    posix.dup2(null, 0)
    posix.close(null)
    posix.closerange(RESULT + 1, ANY_DESCRIPTOR)
    posix.setsid()
    set_rlimits(setup.rlimits)
    libc.set_no_new_privs()
    # Last, because it refuses what the steps before it need.
    if not setup.filter:
        raise ValueError("the setup message holds no filter: no job runs without one")
    libc.load_filter(setup.filter)


def enter(setup, jail, descriptors):
    """In a process that a template has just forked for the jail of the pidfd `jail`, already in its pid namespace.

    `descriptors`: the job's own, by the number that each is to have."""
    be_first_victim()  # while there is a /proc to say it in
    # All at once, the user namespace among them: with its capabilities the rest may be entered.
    libc.setns(jail, libc.ALL_BUT_PID)
    posix.chdir("/tmp")
    # Nothing of the template's stays open: its control socket, its user namespace, the jail's pidfd.
    for number, source in descriptors.items():
        posix.dup2(source, number, number != RESULT)
    posix.close(KEPT_BY_HOLDER)
    # The limit of processes counts in the jail's user namespace, so it is set here and not before.
    libc.drop_capabilities()
    # A change of capabilities can make a process undumpable; the supervisor has to see what memory this one uses.
    libc.set_dumpable()
    reseed.reseed()
    apply(setup)


def be_first_victim():
    """When memory is short, the kernel takes the job first."""
    _write("/proc/self/oom_score_adj", MOST_EXPENDABLE)


def inherit_rlimits(setup):
    """In a template: what is the same for it and its job processes, they have from it."""
    late = {name: setup.rlimits.pop(name) for name in NOT_INHERITED}
    set_rlimits(setup.rlimits)
    setup.rlimits = late


def set_rlimits(rlimits):
    for name, value in rlimits.items():
        libc.set_rlimit(RLIMITS[name], value)


def _write(path, data):
    file = posix.open(path, posix.O_WRONLY)
    posix.write(file, data)
    posix.close(file)
