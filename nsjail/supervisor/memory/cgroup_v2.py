"""The files of a v2 cgroup."""

from memory.counters import Counters


class Files(Counters):
    def __init__(self, folder, writable):
        super().__init__(folder, ("memory.events", "memory.current", "memory.peak", "memory.stat"))
        self._writable, self._limit = writable, None

    def oom_kills(self):
        return self.fields("memory.events").get("oom_kill", 0)

    def usage_bytes(self):
        return self.number("memory.current")

    def high_water_bytes(self):
        return self.number("memory.peak")  # since Linux 5.19; 0 before

    def reset_high_water(self):
        pass  # the mark only rises; `CgroupMemory` falls back on its samples

    def held_bytes(self):
        """What only its owners can give back: no page cache."""
        stat = self.fields("memory.stat")
        return stat["anon"] + stat["shmem"]

    def kernel_bytes(self):
        stat = self.fields("memory.stat")
        return stat.get("kernel", stat.get("slab", 0) + stat.get("kernel_stack", 0))

    def set_limit(self, limit_bytes):
        if not self._writable or limit_bytes == self._limit:
            return
        self.write("memory.max", limit_bytes)
        if self.exists("memory.swap.max"):
            self.write("memory.swap.max", 0)
        self._limit = limit_bytes
