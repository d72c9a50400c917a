"""Makes a template's memory cheap to fork. A matter of speed alone: left out where the kernel does not know how, or what
confines a container refuses the call, as Docker's own profile does.

`collapse`: a fork, and the end of what it made, cost something for each page; a huge one counts as one of them.

`Pages`: the kernel copies a page when a job process first writes to it, half of the time that a short job takes. So
those that it is about to write to are copied at once while nobody waits for it. Which ones they are, a child of the
template that rehearses a job finds out.
"""

import array
import posix

import _ctypes

from . import libc

PAGE_BYTES = posix.sysconf("SC_PAGE_SIZE")
# Of /proc/self/pagemap.
ENTRY_BYTES = 8
PRESENT, OF_A_FILE, MINE_ALONE = 1 << 63, 1 << 61, 1 << 56
PROCESS_MADVISE = 440  # one number on every architecture
MADV_POPULATE_WRITE, MADV_COLLAPSE = 23, 25  # at once for many ranges: Linux 6.13; 6.1
HUGE_PAGE_BYTES = 2 << 20
RANGE_BYTES = 16  # struct iovec: address and length
MAX_RANGES = 1024


def collapse():
    for first, last in list(_writable_areas()):
        for address in range(-(-first // HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES, last - HUGE_PAGE_BYTES + 1, HUGE_PAGE_BYTES):
            libc.ask(b"madvise", address, HUGE_PAGE_BYTES, MADV_COLLAPSE)


class Pages:
    """Those that a fork of this process writes to in `rehearse()`."""

    def __init__(self, rehearse):
        ranges = _ask_a_fork(rehearse)
        self._ranges = libc.buffer(ranges)
        self._calls = [
            (_ctypes.addressof(self._ranges) + at, min(MAX_RANGES, (len(ranges) - at) // RANGE_BYTES))
            for at in range(0, len(ranges), MAX_RANGES * RANGE_BYTES)
        ]
        if not self.copy():
            self._calls = []

    def copy(self):
        """In a job process that has just been forked. False where the kernel cannot."""
        done = True
        ourselves = posix.pidfd_open(posix.getpid())
        for address, count in self._calls:
            done &= libc.ask(b"syscall", PROCESS_MADVISE, ourselves, address, count, MADV_POPULATE_WRITE, 0) > 0
        posix.close(ourselves)
        return done


def _ask_a_fork(rehearse):
    areas = list(_writable_areas())
    reading, writing = posix.pipe()
    if posix.fork() == 0:
        try:
            rehearse()
            posix.write(writing, _own_ranges(areas).tobytes())
        finally:
            posix._exit(0)
    posix.close(writing)
    ranges = b""
    while piece := posix.read(reading, 1 << 16):
        ranges += piece
    posix.close(reading)
    posix.wait()
    return ranges


def _writable_areas():
    """First and last address of each private mapping that can be written to."""
    with open("/proc/self/maps", encoding="utf-8") as file:
        for line in file:
            addresses, access, _ = line.split(" ", 2)
            if access == "rw-p":
                start, _, end = addresses.partition("-")
                yield int(start, 16), int(end, 16)


def _own_ranges(areas):
    """Of these the pages that no other process has: an array of address, length, address, length …"""
    ranges, end = array.array("Q"), None
    pagemap = posix.open("/proc/self/pagemap", posix.O_RDONLY)
    for first, last in areas:
        entries = posix.pread(pagemap, (last - first) // PAGE_BYTES * ENTRY_BYTES, first // PAGE_BYTES * ENTRY_BYTES)
        for number, entry in enumerate(array.array("Q", entries)):
            if not (entry & PRESENT and entry & MINE_ALONE) or entry & OF_A_FILE:
                continue
            page = first + number * PAGE_BYTES
            if page == end:
                ranges[-1] += PAGE_BYTES
            else:
                ranges.extend((page, PAGE_BYTES))
            end = page + PAGE_BYTES
    return ranges
