"""Hides its mappings, and has children fill 400 MiB of shared memory that no process has touched after their end."""

import ctypes
import mmap
import os
import time

PR_SET_DUMPABLE = 4
MIB = 1 << 20


def main():
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    held = []
    for _ in range(10):
        held.append(mmap.mmap(-1, 40 * MIB))
        pid = os.fork()
        if pid == 0:
            held[-1].write(b"x" * (40 * MIB))
            os._exit(0)
        os.waitpid(pid, 0)
    time.sleep(60)
