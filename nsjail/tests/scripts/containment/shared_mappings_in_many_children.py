"""More processes at once than memory for them: each goes on asking while the kernel looks for room."""

import mmap
import os

BLOCK_BYTES = 32 << 20


def main():
    for _ in range(32):
        if os.fork() == 0:
            fill(mmap.mmap(-1, BLOCK_BYTES))
            while True:
                os.read(os.pipe()[0], 1)
    while True:
        os.wait()


def fill(block):
    for page in range(0, BLOCK_BYTES, mmap.PAGESIZE):
        block[page] = 1
