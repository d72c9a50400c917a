"""What this jail lets a script do to its pid 1, the jail's holder or the container's first process: must be nothing."""

import ctypes
import os
import signal

PTRACE_ATTACH = 16
PTRACE_SEIZE = 0x4206
SYS_PIDFD_GETFD = 438  # the same on every machine


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    requests = {"attach": PTRACE_ATTACH, "seize": PTRACE_SEIZE}
    done = [name for name, request in requests.items() if libc.ptrace(request, 1, None, None) == 0]
    try:
        pidfd = os.pidfd_open(1)
        if libc.syscall(SYS_PIDFD_GETFD, pidfd, 0, 0) >= 0:
            done.append("steal a descriptor")
    except OSError:
        pass
    try:
        os.kill(1, signal.SIGKILL)  # the holder ignores it; were it killed, this job would have no outcome
    except PermissionError:
        pass
    return done
