"""What a job process gives up where the machine refuses namespaces: it then has no jail, and this instead.

Landlock bounds its files, and TCP, signals and abstract sockets as far as the kernel knows how; the filter does what
Landlock cannot (seccomp/landlock_rules.py). Numbers are those of linux/landlock.h, the same on every architecture."""

import posix
import sys

from . import libc, lockdown, reseed
from .frames import RESULT

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG = 1
PATH_BENEATH = 1
# By the ABI that brought them: which rights over files a ruleset handles.
ALL_OF_ABI_1, REFER, TRUNCATE, IOCTL_DEV = (1 << 13) - 1, 1 << 13, 1 << 14, 1 << 15
FILE_RIGHTS = {1: ALL_OF_ABI_1, 2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}
BIND_AND_CONNECT_TCP = 3, 4  # the rights, the ABI
ABSTRACT_SOCKETS_AND_SIGNALS = 3, 6
# Without TRUNCATE a job could empty every file of its uid: the filter cannot see by what right a file is open.
OLDEST_ABI = 3

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_REG, MAKE_FIFO, MAKE_SYM = 16, 32, 128, 256, 1024, 4096
READ = EXECUTE | READ_FILE | READ_DIR
OWN = WRITE_FILE | READ_FILE | READ_DIR | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_FIFO | MAKE_SYM
ALLOWED = {
    "/usr": READ,
    "/tmp": OWN | REFER | TRUNCATE,
    **{f"/dev/{name}": READ_FILE | WRITE_FILE for name in ("null", "zero", "random", "urandom")},
}
SIGKILL = 9
# What seccomp/build_filters.py has in the place of the process' own pid.
SELF = (0x5E1F5E1F).to_bytes(4, sys.byteorder)


def abi():
    """What this kernel knows; raises OSError where it has no Landlock."""
    version = libc.ask(b"syscall", CREATE_RULESET, 0, 0, VERSION_FLAG)
    if version < 1:
        raise OSError("this kernel has no Landlock, or it is off")
    return version


def make_ruleset():
    """What a job may reach of files, and nothing else of what Landlock knows: a descriptor, for `enter`."""
    version = abi()
    if version < OLDEST_ABI:
        raise OSError(f"this kernel's Landlock is of ABI {version}: {OLDEST_ABI} is needed")
    handled = sum(rights for since, rights in FILE_RIGHTS.items() if since <= version)
    network, scopes = (rights if since <= version else 0 for rights, since in (BIND_AND_CONNECT_TCP, ABSTRACT_SOCKETS_AND_SIGNALS))
    # An older kernel takes a longer struct as long as the rest of it is 0.
    attributes = libc.buffer(b"".join(_u64(each) for each in (handled, network, scopes)))
    ruleset = _call(CREATE_RULESET, libc.address(attributes), 24, 0)
    for path, rights in ALLOWED.items():
        parent = posix.open(path, posix.O_PATH | posix.O_CLOEXEC)
        rule = libc.buffer(_u64(rights & handled) + parent.to_bytes(4, sys.byteorder))
        _call(ADD_RULE, ruleset, PATH_BENEATH, libc.address(rule), 0)
        posix.close(parent)
    return ruleset


def enter(setup, ruleset, supervisor, descriptors):
    """In a process that a template has just forked. `supervisor`: the pid of its parent, with which it ends.
    `descriptors`: the job's own, by the number that each is to have."""
    lockdown.be_first_victim()
    posix.chdir("/tmp")
    libc.drop_own_capabilities()
    libc.set_dumpable()
    libc.die_with_parent(SIGKILL)  # there is no first process of a jail to take it along
    if posix.getppid() != supervisor:
        posix._exit(1)
    setup.rlimits.pop("nproc", None)  # it would count what other containers run under this uid: the supervisor counts
    reseed.reseed()
    libc.set_no_new_privs()
    _call(RESTRICT_SELF, ruleset, 0)
    # Nothing of the template's stays open: its control socket, the ruleset.
    for number, source in descriptors.items():
        posix.dup2(source, number, number != RESULT)
    posix.close(lockdown.KEPT_BY_HOLDER)
    setup.filter = setup.filter.replace(SELF, posix.getpid().to_bytes(4, sys.byteorder))
    lockdown.apply(setup)


def _u64(value):
    return value.to_bytes(8, sys.byteorder)


def _call(number, *arguments):
    answer = libc.ask(b"syscall", number, *arguments)
    if answer < 0:
        raise OSError(libc.errno(), f"Landlock's call {number} failed")
    return answer
