"""The memory limit without a cgroup: the sum over all processes of the jail, taken again and again."""

import os

import processes

# RLIMIT_DATA bounds what one process can take between two samples. numpy and pandas map that much beyond what they use.
DATA_ROOM_BYTES = 256 << 20


class SampledMemory:
    enforced_by = "sampling"

    def __init__(self, cpu):
        self._cpu = cpu
        self.overhead_bytes = 0
        self._limit = self._highest = 0

    def measure_idle(self):
        pass

    def measure_jail(self, _jail):
        self.overhead_bytes = self._sum(processes.proportional_bytes)

    def set_limit(self, memory_bytes):
        self._limit = memory_bytes + self.overhead_bytes

    def rlimits(self, memory_bytes):
        return {"RLIMIT_DATA": memory_bytes + DATA_ROOM_BYTES}

    def enter(self):
        """In the child: one core for the whole jail; the filter keeps it from asking for others."""
        if self._cpu is not None:
            os.sched_setaffinity(0, {self._cpu})

    def begin(self):
        self._highest = 0

    def exceeded(self):
        total = self._sum(processes.resident_bytes)
        if total > self._limit:  # shared pages counted more than once? only the exact sum condemns
            total = self._sum(processes.proportional_bytes)
        self._highest = max(self._highest, total)
        return total > self._limit

    def peak_bytes(self):
        return max(0, self._highest - self.overhead_bytes)

    def is_back(self):
        return True  # all of it belonged to processes that are gone

    def _sum(self, measure):
        return sum(map(measure, processes.all_but_us()))
