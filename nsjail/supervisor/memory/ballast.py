"""Memory that the supervisor holds to have it when it counts.

It shares its cgroup with the job. When the job has filled that, the kernel and the supervisor still need some pages
to end it; what a killed job held in /tmp only comes back after that."""

import mmap


class Ballast:
    def __init__(self, size):
        self._map = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._held = False

    def hold(self):
        if not self._held:
            for at in range(0, len(self._map), mmap.PAGESIZE):
                self._map[at] = 1
            self._held = True

    def release(self):
        if self._held:
            self._map.madvise(mmap.MADV_DONTNEED)
            self._held = False
