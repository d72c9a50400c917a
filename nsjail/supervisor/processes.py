"""What /proc tells about the processes of this slot. Every one may end while it is read."""

import os
import stat
import time

PF_EXITING = 0x4
READ_BYTES = 1 << 16
FIRST_PID = 1  # the supervisor's, where the slot has a pid namespace of its own
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_own_statm = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)


def children(pid):
    """The children of a process that has one thread, oldest first."""
    return [int(child) for child in _read(f"/proc/{pid}/task/{pid}/children").split()]


def all_but_us():
    """Every process of the slot but the supervisor: the jail, and what jails are made with."""
    own = os.getpid()
    if own != FIRST_PID:
        return descendants(own)
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != own]


def descendants(pid):
    """All below a process, in whatever pid namespace."""
    found = [pid]
    for parent in found:
        for task in _threads(parent):
            found += map(int, _read(f"/proc/{parent}/task/{task}/children").split())
    return found[1:]


def _threads(pid):
    try:
        return os.listdir(f"/proc/{pid}/task")
    except (FileNotFoundError, ProcessLookupError):
        return []


def own_cpu_ms(pid):
    """CPU time of a process and its threads; 0 if it is gone."""
    try:
        return time.clock_gettime((~pid << 3) | 2) * 1000  # the kernel's id of a process' CPU clock: exact, unlike /proc
    except OSError:
        return 0.0


def cpu_ms(pid):
    """CPU time of a process, its threads and the children it has waited for; 0 if it is gone."""
    own = own_cpu_ms(pid)
    stat = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    waited = sum(map(int, stat[13:15])) / _TICKS if stat else 0.0
    return own + waited * 1000


def is_exiting(pid):
    """Whether a process has begun to exit, or is gone."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return not fields or bool(int(fields[6]) & PF_EXITING)


def own_anonymous_bytes():
    """What the supervisor itself holds, as cheap as it gets: it is asked for when there is no memory left."""
    _, resident, shared, *_ = os.pread(_own_statm, 256, 0).split()
    return (int(resident) - int(shared)) * _PAGE_BYTES


class Size:
    """What /proc/<pid>/status says of a process' memory, in bytes, and of its threads; all 0 if it is gone."""

    def __init__(self, pid):
        numbers = _memory_lines(_read(f"/proc/{pid}/status")) or _memory_lines(_read_of_threads(pid, "status"))

        def get(name):
            return numbers.get(name, 0) << 10

        self.threads = numbers.get("Threads", 0)
        self.tables = get("VmPTE")  # they grow with what is mapped, not with what is resident
        self.private = get("RssAnon") + self.tables
        self.shared = get("RssShmem")
        # The most private memory that it ever had, or a little less: what it has mapped of files since counts against it.
        self.highest = get("VmHWM") - get("RssFile") - self.shared + self.tables
        self.data = get("VmData")
        self.mapped = get("VmSize")
        # Mappings that are neither private and writable nor program text: read-only data of libraries, and shared memory.
        self.maybe_shared = self.mapped - sum(get(name) for name in ("VmData", "VmStk", "VmExe", "VmLib"))


def proportional_bytes(pid, size):
    """(anonymous, shared) memory with each page divided by the number of its users; slow for large processes.

    `size`: its Size. One that hides its mappings (PR_SET_DUMPABLE) has all of its pages to itself."""
    kib = {}
    for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
        name, _, value = line.partition(":")
        if name in ("Pss_Anon", "Pss_Shmem"):
            kib[name] = int(value.split()[0]) << 10
    if not kib:
        return size.private, size.shared
    return kib["Pss_Anon"] + size.tables, kib["Pss_Shmem"]


def shared_anonymous_mappings(pid):
    """inode to bytes: memory that several processes of the job share and that no file of /tmp stands for.

    Its pages belong to no process once the one that touched them has ended, so only its size can be told. Where a process
    hides its mappings (PR_SET_DUMPABLE), all that could be such memory is."""
    lines = _read(f"/proc/{pid}/maps").splitlines()
    if not lines:
        return {pid: Size(pid).maybe_shared}
    found = {}
    for line in lines:
        fields = line.split(None, 5)
        if fields[1].endswith("s") and fields[-1].startswith("/dev/zero"):
            start, _, end = fields[0].partition("-")
            found[fields[4]] = found.get(fields[4], 0) + int(end, 16) - int(start, 16)
    return found


def nameless_open_bytes(pid):
    """What the files take that a process has open and no folder has; None where it hides what it has open."""
    hidden = False
    for folder in _folders(pid):
        try:
            if descriptors := os.listdir(f"{folder}/fd"):
                return _nameless_bytes(f"{folder}/fd", descriptors)
        except (FileNotFoundError, ProcessLookupError):
            pass
        except PermissionError:
            hidden = True
    return None if hidden and Size(pid).threads else 0


def _nameless_bytes(folder, descriptors):
    sizes = {}
    for descriptor in descriptors:
        try:
            found = os.stat(f"{folder}/{descriptor}")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # closed, or its process has ended
        if stat.S_ISREG(found.st_mode) and found.st_nlink == 0:
            sizes[found.st_dev, found.st_ino] = found.st_blocks * 512
    return sum(sizes.values())


def count_nameless_mapped(pid):
    """The files that a process has mapped and no folder has."""
    found = set()
    for line in (_read(f"/proc/{pid}/maps") or _read_of_threads(pid, "maps")).splitlines():
        if line.endswith(" (deleted)"):
            *_, inode, path = line.split(None, 5)
            found |= {inode} if not path.startswith("/dev/zero") else set()
    return len(found)


def _memory_lines(status):
    """Name to number, in KiB where it is a size; nothing where the process, or its first thread alone, has ended."""
    lines = [line.split()[:2] for line in status.splitlines() if line.startswith(("Vm", "Rss", "Threads"))]
    numbers = {name[:-1]: int(number) for name, number in lines}
    return numbers if "VmSize" in numbers else {}


def _folders(pid):
    """Where /proc has a process: once its first thread has ended, only the other threads' folders say what it holds."""
    return [f"/proc/{pid}", *(f"/proc/{pid}/task/{thread}" for thread in _threads(pid))]


def _read_of_threads(pid, name):
    return next(filter(None, (_read(f"{folder}/{name}") for folder in _folders(pid)[::-1])), "")


def _read(path):
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""
    pieces = []
    try:
        while piece := os.read(fd, READ_BYTES):  # not `open`: that asks five more questions of the kernel
            pieces.append(piece)
    except (ProcessLookupError, PermissionError):
        return ""
    finally:
        os.close(fd)
    return b"".join(pieces).decode("ascii", "replace")
