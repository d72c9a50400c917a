"""The memory limit by the slot's cgroup, which the supervisor shares with its jail: the kernel enforces, this measures.

One cgroup for both, as in a container: moving a new process between cgroups waits for every core, 8 ms a job."""

import processes
from memory.ballast import Ballast

BALLAST_BYTES = 4 << 20
# What the supervisor needs while a job is in its hands: the job itself, its output and result, each about twice.
WORKING_BYTES = 16 << 20
# What a jail holds that is made beside a running job: its process' copies of pages, page tables, namespaces.
NEXT_JAIL_BYTES = 12 << 20
# The kernel counts in batches, for each core.
BACK_TOLERANCE_BYTES = 4 << 20


class CgroupMemory:
    enforced_by = "cgroup"

    def __init__(self, files):
        self._files = files
        self._ballast = Ballast(BALLAST_BYTES)
        self.overhead_bytes = self._held_by_others = 0

    def measure_idle(self):
        self._ballast.hold()
        self._idle_all = self._files.held_bytes() + self._files.kernel_bytes()

    def measure_jail(self, ahead):
        held = self._files.held_bytes()
        self._held_by_others = max(0, held - processes.own_anonymous_bytes()) if ahead else 0
        beside = NEXT_JAIL_BYTES if ahead else 0
        self.overhead_bytes = max(held + self._files.kernel_bytes(), self._idle_all) + WORKING_BYTES + beside

    def set_limit(self, memory_bytes):
        self._files.set_limit(memory_bytes + self.overhead_bytes)

    def take(self, _jail):
        return {}

    def begin(self):
        self._files.reset_high_water()
        self._oom_kills = self._files.oom_kills()
        self._base = self._highest = self._files.usage_bytes()
        self._high_water = self._files.high_water_bytes()

    def exceeded(self):
        """Whether the kernel killed for memory since `begin`. From then on there is room to clear up."""
        self._highest = max(self._highest, self._files.usage_bytes())
        if self._files.oom_kills() == self._oom_kills:
            return False
        self._ballast.release()
        return True

    def peak_bytes(self):
        """The kernel's high water mark where this job moved it, else the highest sample."""
        high_water = self._files.high_water_bytes()
        return max(0, max(self._highest, high_water if high_water > self._high_water else 0) - self._base)

    def is_back(self):
        """Whether nothing of the job is held: only what the supervisor has, and what waits beside it for the next."""
        expected = processes.own_anonymous_bytes() + self._held_by_others
        if self._files.held_bytes() > expected + BACK_TOLERANCE_BYTES:
            return False
        self._ballast.hold()
        return True
