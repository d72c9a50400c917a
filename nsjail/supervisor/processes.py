"""What /proc tells about the processes of this slot. Every one may end while it is read."""

import os
import time

_TICKS = os.sysconf("SC_CLK_TCK")


def children(pid):
    """The children of a process that has one thread, oldest first."""
    return [int(child) for child in _read(f"/proc/{pid}/task/{pid}/children").split()]


def all_but_us():
    """Every process of the slot's own pid namespace but the supervisor: the jail and nothing else."""
    own = os.getpid()
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != own]


def cpu_ms(pid):
    """CPU time of a process, its threads and the children it has waited for; 0 if it is gone."""
    try:
        own = time.clock_gettime((~pid << 3) | 2)  # the kernel's id of a process' CPU clock: exact, unlike /proc
    except OSError:
        return 0.0
    stat = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    waited = sum(map(int, stat[13:15])) / _TICKS if stat else 0.0
    return (own + waited) * 1000


def resident_bytes(pid):
    """Anonymous and shared memory of one process, as a cheap upper estimate: shared pages count for each."""
    return _sum_kib(_read(f"/proc/{pid}/status"), ("RssAnon:", "RssShmem:"))


def proportional_bytes(pid):
    """The same with each shared page divided by the number of its users; slow for large processes."""
    return _sum_kib(_read(f"/proc/{pid}/smaps_rollup"), ("Pss_Anon:", "Pss_Shmem:"))


def _sum_kib(text, names):
    return sum(int(line.split()[1]) << 10 for line in text.splitlines() if line.startswith(names))


def _read(path):
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""
