"""The system calls of the launcher that Python has no function for."""

import ctypes
import fcntl
import os
import signal
import socket
import struct

NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1, 2, 4, 8, 32, 4096, 16384, 1 << 18)
MNT_DETACH = 2
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 36, 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
SYS_MOUNT_SETATTR = 442  # one number on every architecture
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name, *arguments):
    if getattr(_libc, name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def unshare(flags):
    _call("unshare", flags)


def mount(source, target, fstype=None, flags=0, options=None):
    def text(value):
        return None if value is None else os.fsencode(value)

    try:
        _call("mount", text(source), text(target), text(fstype), ctypes.c_ulong(flags), text(options))
    except OSError as error:
        raise OSError(error.errno, f"mount {fstype or source} on {target}: {os.strerror(error.errno)}") from None


def make_tree_read_only(path):
    """Every mount below `path` too: a read-only bind alone is not recursive."""
    attributes = (ctypes.c_uint64 * 4)(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, 0, 0, 0)
    _call("syscall", ctypes.c_long(SYS_MOUNT_SETATTR), AT_FDCWD, os.fsencode(path), AT_RECURSIVE,
          ctypes.byref(attributes), ctypes.c_size_t(ctypes.sizeof(attributes)))


def change_root(path):
    """The old root ends up on top of the new one, and is taken off."""
    os.chdir(path)
    _call("pivot_root", b".", b".")
    _call("umount2", b".", MNT_DETACH)
    os.chdir("/")


def bring_up_loopback():
    """In a network namespace of our own, where it is down at first."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def prctl(option, *values):
    padded = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    _call("prctl", option, *padded)


def die_with_parent():
    """Cleared by every change of user, so it is asked for again after one."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans():
    """Descendants whose parents have ended become children of this process."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def be_own_process():
    """After a change of user /proc/self belongs to root, until the next execve or this."""
    prctl(PR_SET_DUMPABLE, 1)


def drop_capabilities():
    """All sets, ambient too, and bounding where that may be: it bounds nothing for a process that can gain none."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    with open("/proc/sys/kernel/cap_last_cap", encoding="ascii") as file:
        last = int(file.read())
    try:
        for capability in range(last + 1):
            prctl(PR_CAPBSET_DROP, capability)
    except PermissionError:
        pass  # an ordinary user's, outside of a user namespace
    version_3_of_this_thread = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _call("capset", version_3_of_this_thread, nothing)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
