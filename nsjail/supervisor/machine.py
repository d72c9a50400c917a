"""What the supervisor asks of the kernel beyond Python's os module."""

import ctypes
import os
import signal

import processes

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
NEWUSER = 0x10000000
M_MMAP_THRESHOLD = -3
MMAP_THRESHOLD_BYTES = 128 << 10

_libc = ctypes.CDLL(None, use_errno=True)


def prctl(option, value):
    _check(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl {option}")


def become_supervisor():
    # Orphans of a jail that is being killed come to us, so that they can be reaped and proven gone.
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    # A large block goes back to the kernel when it is freed. libc would raise the bound by itself and keep them.
    _libc.mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES)
    os.umask(0o077)
    lock_files()


def lock_files():
    """Keeps what is mapped of files in memory, code first, as far as RLIMIT_MEMLOCK goes.

    The kernel would rather evict these pages than kill a job that is out of memory. Job and supervisor, who share them,
    then read them from the disk again and again, and neither comes forward for seconds."""
    with open("/proc/self/maps") as maps:
        mappings = [line.split() for line in maps]
    mappings.sort(key=lambda mapping: "x" not in mapping[1])
    for addresses, rights, _offset, _device, inode, *_path in mappings:
        if inode != "0" and "w" not in rights:
            start, end = (int(address, 16) for address in addresses.split("-"))
            _libc.mlock(ctypes.c_void_p(start), ctypes.c_size_t(end - start))  # refused: the next may be small enough


def die_with_parent(parent_pid):
    """For a forked child: ends it when its parent does, even where that already happened."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)


def on_signal(loop, number, callback):
    """Runs `callback` in the loop when the signal comes: as pid 1 we get none without a handler."""
    reading, writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.signal(number, lambda *_: os.write(writing, b"s"))
    loop.watch(reading, lambda: (os.read(reading, 16), callback()))


def current_core():
    return _libc.sched_getcpu()


def unshare(flags):
    _check(_libc.unshare(flags), "unshare")


def setns(fd, flags):
    _check(_libc.setns(fd, flags), "setns")


def end_strays(keep=()):
    """Kills and reaps every child that is not of `keep`; True if one is still ending.

    An nsjail that was killed before its jail knew whose child it is leaves the jail to us."""
    ending = False
    for pid in processes.children(os.getpid()):
        if pid in keep:
            continue
        os.kill(pid, signal.SIGKILL)
        ending |= os.waitpid(pid, os.WNOHANG)[0] == 0
    return ending


def _check(answer, name):
    if answer != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
