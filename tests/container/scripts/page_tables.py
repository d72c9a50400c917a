"""Children that each fill page tables: they map far more than there is, and read one page in each 2 MiB of it."""

import mmap
import os
import time

GIB, MIB = 1 << 30, 1 << 20
CHILDREN = 4
MAP_NORESERVE, MADV_NOHUGEPAGE = 0x4000, 15


def main():
    reading, writing = os.pipe()
    for _ in range(CHILDREN):
        if os.fork() == 0:
            os.write(writing, fill().to_bytes(4, "little"))
            time.sleep(60)
    filled = [int.from_bytes(os.read(reading, 4), "little") for _ in range(CHILDREN)]
    time.sleep(1)
    return sum(filled)


def fill():
    """Until the address space ends; answers how many MiB of page tables that took."""
    kept, pages = [], 0
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE
    try:
        while True:
            kept.append(mmap.mmap(-1, GIB, flags=flags, prot=mmap.PROT_READ))
            kept[-1].madvise(MADV_NOHUGEPAGE)
            for at in range(0, GIB, 2 * MIB):
                _ = kept[-1][at]
                pages += 1
    except OSError:
        return pages * mmap.PAGESIZE // MIB
