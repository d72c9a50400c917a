"""Fills the disk with files of which only one mapped page is left: no name, no descriptor."""

import ctypes
import mmap
import os
import time

FAILED = ctypes.c_void_p(-1).value


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    for number in range(40):
        with open(f"/tmp/{number}", "w+b", buffering=0) as file:
            file.write(b"x" * (5 << 20))
            page = libc.mmap(None, mmap.PAGESIZE, mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), 0)
            assert page != FAILED, os.strerror(ctypes.get_errno())
        os.unlink(f"/tmp/{number}")
    time.sleep(60)
