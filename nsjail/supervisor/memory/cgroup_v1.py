"""The files of a v1 memory cgroup."""

from memory.counters import Counters


class Files(Counters):
    def __init__(self, folder, writable):
        super().__init__(folder, ("memory.oom_control", "memory.usage_in_bytes", "memory.max_usage_in_bytes",
                                  "memory.stat", "memory.kmem.usage_in_bytes"))
        self._writable, self._limit = writable, None

    def oom_kills(self):
        return self.fields("memory.oom_control").get("oom_kill", 0)

    def usage_bytes(self):
        return self.number("memory.usage_in_bytes")

    def high_water_bytes(self):
        return self.number("memory.max_usage_in_bytes")

    def reset_high_water(self):
        if self._writable:
            self.write("memory.max_usage_in_bytes", 0)

    def held_bytes(self):
        """What only its owners can give back: no page cache."""
        stat = self.fields("memory.stat")
        return stat["rss"] + stat.get("shmem", 0)

    def kernel_bytes(self):
        return self.number("memory.kmem.usage_in_bytes")

    def set_limit(self, limit_bytes):
        """Memory and memory with swap: the second may never be the smaller one, not even for a moment."""
        if not self._writable or limit_bytes == self._limit:
            return
        names = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]
        if self._limit is not None and limit_bytes > self._limit:
            names.reverse()
        for name in names:
            if name == "memory.limit_in_bytes" or self.exists(name):
                self.write(name, limit_bytes)
        self._limit = limit_bytes
