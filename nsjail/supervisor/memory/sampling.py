"""The memory limit without a cgroup: the sum over all processes of the jail, taken again and again.

What the job process has had between two samples, its high water mark tells."""

import processes
from memory.cgroup import NEXT_JAIL_BYTES

# RLIMIT_DATA bounds what one process can take between two samples. numpy and pandas map that much beyond what they use.
DATA_ROOM_BYTES = 256 << 20
# Read-only data of Python's own libraries; below this there is no shared mapping worth a look.
UNSUSPICIOUS_BYTES = 16 << 20
LOOK_AGAIN_SAMPLES = 10


class SampledMemory:
    enforced_by = "sampling"

    def __init__(self, unjailed=None):
        """`unjailed`: where a job has no jail, an Unjailed: what it takes beside its memory counts too."""
        self._unjailed = unjailed
        self.overhead_bytes = 0
        self._limit = self._highest = self._idle_sum = self._idle_exact = 0
        self._jail, self._memory_bytes, self._idle_private = None, 0, 0
        self._looks = {}  # pid to [its size then, samples until the next look, what was found]

    def measure_idle(self):
        pass

    def measure_jail(self, ahead):
        sizes = sizes_of_all()
        self._idle_sum = sum(size.private + size.shared for size in sizes.values())
        self._idle_exact = exact_sum(sizes, 0)
        self.overhead_bytes = self._idle_exact + (NEXT_JAIL_BYTES if ahead else 0)

    def set_limit(self, memory_bytes):
        self._memory_bytes, self._limit = memory_bytes, memory_bytes + self.overhead_bytes

    def take(self, jail):
        idle = processes.Size(jail.find_pid())
        self._jail, self._idle_private = jail, idle.private
        return {"data": self._memory_bytes + DATA_ROOM_BYTES + idle.data}

    def begin(self):
        self._highest = 0
        self._looks.clear()
        if self._unjailed:
            self._unjailed.begin()

    def exceeded(self):
        sizes = sizes_of_all()
        shared = self._shared_bytes(sizes)
        total = shared + sum(size.private + size.shared for size in sizes.values())
        used = total - self._idle_sum
        if total > self._limit:  # pages of forked children count for each here: only the exact sum condemns
            total = exact_sum(sizes, shared)
            used = total - self._idle_exact
        job_process = sizes.get(self._jail.find_pid())
        alone = job_process.highest - self._idle_private if job_process else 0
        beside, trouble = 0, None
        if self._unjailed and job_process:
            beside, trouble = self._unjailed.look(self._jail.find_pid(), job_process.threads)
        self._highest = max(self._highest, used + beside, alone)
        return trouble or total + beside > self._limit or alone > self._memory_bytes

    def peak_bytes(self):
        return self._highest

    def is_back(self):
        return True  # all of it belonged to processes that are gone

    def _shared_bytes(self, sizes):
        mappings = {}
        for pid, size in sizes.items():
            if size.maybe_shared > UNSUSPICIOUS_BYTES:
                mappings.update(self._look(pid, size))
        return sum(mappings.values())

    def _look(self, pid, size):
        seen = self._looks.setdefault(pid, [None, 0, {}])
        seen[1] -= 1
        if seen[0] != (size.mapped, size.maybe_shared) or seen[1] < 0:
            seen[:] = [(size.mapped, size.maybe_shared), LOOK_AGAIN_SAMPLES, processes.shared_anonymous_mappings(pid)]
        return seen[2]


def sizes_of_all():
    return {pid: processes.Size(pid) for pid in processes.all_but_us()}


def exact_sum(sizes, shared_mapped):
    """Shared mappings count with what is touched of them, or with their size where that is known to be more."""
    measured = [processes.proportional_bytes(pid, size) for pid, size in sizes.items()]
    return sum(anonymous for anonymous, _ in measured) + max(shared_mapped, sum(shared for _, shared in measured))
