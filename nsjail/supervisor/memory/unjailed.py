"""What a job takes that a jail would bound, where it has none: its files and its threads.

No mount of its own holds its /tmp; and RLIMIT_NPROC counts all that the host runs under its uid, in other containers too."""

import job_files
import processes

# To look at what a process has mapped takes longer than all else; each so many samples is soon enough.
SAMPLES_A_LOOK = 5


class Unjailed:
    def __init__(self, limits):
        self._limits = limits
        self.begin()

    def begin(self):
        """Another job."""
        self._samples = self._mapped_bytes = 0

    def look(self, pid, threads):
        """What the files of the job process `pid` take in bytes, and what of all this is too much, in words, or None."""
        named, trouble = job_files.named_bytes()
        nameless = processes.nameless_open_bytes(pid)
        if nameless is None:
            trouble, nameless = "hid the files that it has open", 0
        if self._samples % SAMPLES_A_LOOK == 0:
            # Of a file that has neither a name nor a descriptor only its largest possible size is known.
            self._mapped_bytes = processes.count_nameless_mapped(pid) * self._limits.file_bytes
        self._samples += 1
        used = named + nameless + self._mapped_bytes
        if used > self._limits.tmp_bytes:
            trouble = f"wrote more than {self._limits.tmp_bytes >> 20} MiB to /tmp"
        if threads > self._limits.processes:
            trouble = f"had more than {self._limits.processes} threads"
        return used, trouble
