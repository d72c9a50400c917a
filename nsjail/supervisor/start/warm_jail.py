"""A jail that was made ahead of its job: the holder (pid 1, nsjail's child), and a job process that the template forked.

The job process is a child of the supervisor, so its wait status is evidence at first hand."""

import os

import core
import machine
import processes
from jail import End, Jail, kill

STRAY_CHECK_SECONDS = 0.002


class WarmJail(Jail):
    def __init__(self, loop, pipes, connection, holder_pid, holder, family):
        """`holder`: its pidfd. `family`: pids of the supervisor's children that are not strays; this jail's joins them."""
        super().__init__(loop, pipes)
        self._connection, self._holder_pid, self.holder, self._family = connection, holder_pid, holder, family
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

    def kill(self):
        """The kernel takes every process of a pid namespace with its first one."""
        if self.holder is not None:
            kill(self.holder)

    def _watch_end(self):
        if self.holder is not None:
            self._loop.watch(self.holder, self._holder_ended)
        self._check_gone()

    def _job_process_ended(self):
        if self._on_end is not None:
            self.cpu_ms()  # exact, as what `wait4` says is not
        self._loop.unwatch(self._job_process)
        os.close(self._job_process)
        self._job_process = None
        _, status, usage = os.wait4(self._pid, 0)
        self._family.discard(self._pid)
        cpu_ms = max(self._cpu_ms, (usage.ru_utime + usage.ru_stime) * 1000 - self._idle_cpu_ms)
        # Where the holder is killed, it begins to exit before the kernel kills the rest of its namespace.
        lost = os.WIFSIGNALED(status) and processes.is_exiting(self._holder_pid)
        self._ended(End(None, cpu_ms, "The jail was lost.") if lost else End(status, cpu_ms))
        if self._on_gone is not None:
            self._check_gone()

    def _holder_ended(self):
        self._loop.unwatch(self.holder)
        os.close(self.holder)
        self.holder = None
        self._check_gone()

    def _check_gone(self):
        if self._on_gone is None:
            return
        if self._pid is None and machine.end_strays(self._family):
            # A template that died before it told of its child: the holder cannot end before that is reaped.
            self._loop.later(STRAY_CHECK_SECONDS, self._check_gone)
        elif self.holder is None and self._job_process is None:
            self._connection.close()
            self._gone()
