"""Starts nsjail as a child of the supervisor: the kernel's first victim, and dead when the supervisor is."""

import fcntl
import os
import signal

import machine

CLEAR_OF_TARGETS = 64


def spawn(path, arguments, descriptors, enter):
    """Forks and executes; `descriptors[n]` becomes descriptor n. `enter()` runs in the child: it joins its cgroup."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        log = fcntl.fcntl(descriptors[-1], fcntl.F_DUPFD_CLOEXEC, CLEAR_OF_TARGETS)
        try:
            machine.die_with_parent(parent)
            _be_first_victim()
            enter()
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and that would be inherited
            sources = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, CLEAR_OF_TARGETS) for fd in descriptors]
            for target, source in enumerate(sources):
                os.dup2(source, target)
            os.execve(path, arguments, {})
        except BaseException as error:  # nothing of the supervisor's code may go on in the child
            os.write(log, f"cannot execute {path}: {error}\n".encode())
        finally:
            os._exit(127)
    return pid


def _be_first_victim():
    # Before the jail is made: there is no /proc inside. Every process of the jail inherits it.
    fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    os.write(fd, b"1000")
    os.close(fd)
