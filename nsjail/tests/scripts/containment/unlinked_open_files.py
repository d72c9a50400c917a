"""Fills the disk with files that it has open and that no folder has; `hide`: from whoever looks at what it has open."""

import ctypes
import os
import time

PR_SET_DUMPABLE = 4


def main(hide):
    if hide:
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    held = []
    for number in range(40):
        held.append(open(f"/tmp/{number}", "wb", buffering=0))
        os.unlink(f"/tmp/{number}")
        held[-1].write(b"x" * (5 << 20))
    time.sleep(60)
