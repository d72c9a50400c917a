"""Pid 1 of the jail: holds the namespace, reports how the job process ended.

It runs no byte of the user and answers nobody but the supervisor.
"""

import posix
import sys

import _signal
import _socket

CONTROL = 3
NOT_MINE = (1, 2, 4, 5)


def split():
    """Fork. Returns in the job process (pid 2 of a jail) only."""
    control = _socket.socket(fileno=CONTROL)
    _send_pidfd(control)
    # Pid 1 gets from inside only the signals that it has handlers for, and
    # Python has one for SIGINT: the job could end its holder with it.
    on_interrupt = _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    job = posix.fork()
    if job:
        _hold(control, job)
    control.close()
    _signal.signal(_signal.SIGINT, on_interrupt)


def _send_pidfd(control):
    """With it the supervisor, in any pid namespace, can kill and await this one."""
    pidfd = posix.pidfd_open(posix.getpid())
    rights = pidfd.to_bytes(4, sys.byteorder)
    control.sendmsg([b"pid1"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
    posix.close(pidfd)


def _hold(control, job):
    for descriptor in NOT_MINE:
        posix.close(descriptor)
    import resource  # noqa: F401  (wait4 needs it: loaded while the job runs)

    status, cpu_ms = _reap(job)
    control.send(b'{"status": %d, "cpu_ms": %.3f}' % (status, cpu_ms))
    posix._exit(0)


def _reap(job):
    """Wait for the job process, and for every orphan that ends before it."""
    while True:
        pid, status, usage = posix.wait4(-1, 0)
        if pid == job:
            return status, (usage.ru_utime + usage.ru_stime) * 1000
