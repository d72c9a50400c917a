"""What jails have in common whose job process a template forked: it is a child of the supervisor, so its wait status is
evidence at first hand."""

import os

import core
import processes
from jail import End, Jail


class ForkedJail(Jail):
    def __init__(self, loop, pipes, family):
        """`family`: pids of the supervisor's children that are not strays; this jail's joins them."""
        super().__init__(loop, pipes)
        self._family = family
        self._job_process = self._pid = None
        self._idle_cpu_ms = self._cpu_ms = 0.0

    def has_job_process(self, pid):
        self._job_process = os.pidfd_open(pid)
        self._pid = pid
        self._family.add(pid)
        core.confine(pid)  # ahead too: where that may not be, no jail is ready
        self._loop.watch(self._job_process, self._job_process_ended)

    def is_ready(self):
        """What it has used until now is not the job's."""
        self._idle_cpu_ms = processes.own_cpu_ms(self._pid)

    def begin(self):
        try:
            core.confine(self._pid)  # again: to one that is free now
        except ProcessLookupError:
            pass  # it was killed while it waited: its end is told by itself

    def find_pid(self):
        return self._pid

    def cpu_ms(self):
        if self._job_process is not None:
            self._cpu_ms = max(self._cpu_ms, processes.cpu_ms(self._pid) - self._idle_cpu_ms)
        return self._cpu_ms

    def _is_lost(self, _status):
        """Whether what ended it was the end of its jail, and nothing of its own."""
        return False

    def _job_process_ended(self):
        if self._on_end is not None:
            self.cpu_ms()  # exact, as what `wait4` says is not
        self._loop.unwatch(self._job_process)
        os.close(self._job_process)
        self._job_process = None
        _, status, usage = os.wait4(self._pid, 0)
        self._family.discard(self._pid)
        cpu_ms = max(self._cpu_ms, (usage.ru_utime + usage.ru_stime) * 1000 - self._idle_cpu_ms)
        self._ended(End(None, cpu_ms, "The jail was lost.") if self._is_lost(status) else End(status, cpu_ms))
        if self._on_gone is not None:
            self._check_gone()
