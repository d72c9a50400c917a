"""How a slot's memory limit holds: by its cgroup (v1 or v2), or by sampling where there is none.

Both kinds have: `enforced_by`, `overhead_bytes` (after the measuring), `measure_idle()`, `measure_jail(ahead)`
(`ahead`: the jail that is there now stays, as one will always wait),
`set_limit(memory_bytes)` before a job, `take(jail)` of the jail that it gets, which answers its job process' rlimits,
`begin()`, `exceeded()` (what, in words, or whether) and `peak_bytes()` for a job, `is_back()` after it."""

from memory import cgroup_v1, cgroup_v2
from memory.cgroup import CgroupMemory
from memory.locate import own_memory_cgroup
from memory.sampling import SampledMemory
from memory.unjailed import Unjailed

FILES = {"v1": cgroup_v1.Files, "v2": cgroup_v2.Files}


def choose_memory(options, limits):
    """What the launcher says; a container, started without arguments, has a cgroup from its engine."""
    if options.memory == "sampling":
        return SampledMemory(Unjailed(limits) if options.isolation == "landlock" else None)
    if options.memory is not None:
        return CgroupMemory(FILES[options.memory](f"/proc/self/fd/{options.cgroup_fd}", writable=True))
    found = own_memory_cgroup()
    if found is None:
        raise SystemExit("supervisor: no memory cgroup of this slot can be read, and nothing else was asked for")
    version, folder = found
    return CgroupMemory(FILES[version](folder, writable=False))
