"""Starts a program as a child of the supervisor, with the descriptors that it is to have and no others."""

import fcntl
import os
import signal

import machine

CLEAR_OF_TARGETS = 64


def spawn(arguments, descriptors, log, before=(), environment=None):
    """Forks and executes `arguments`; `descriptors[n]` becomes descriptor n. Returns the pid.

    Each of `before` is called in the child, ahead of the program. What goes wrong there is written to `log`. The child
    dies with the supervisor."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        log = fcntl.fcntl(log, fcntl.F_DUPFD_CLOEXEC, CLEAR_OF_TARGETS)
        try:
            machine.die_with_parent(parent)
            for step in before:
                step()
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and that would be inherited
            sources = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, CLEAR_OF_TARGETS) for fd in descriptors]
            for target, source in enumerate(sources):
                os.dup2(source, target)
            os.execve(arguments[0], arguments, environment or {})
        except BaseException as error:  # nothing of the supervisor's code may go on in the child
            os.write(log, f"cannot execute {arguments[0]}: {error}\n".encode())
        finally:
            os._exit(127)
    return pid


def be_first_victim():
    """The kernel takes this process, and all that come from it, when the slot is out of memory. Needs /proc."""
    fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    os.write(fd, b"1000")
    os.close(fd)
