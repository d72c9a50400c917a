"""A jail that was made ahead of its job: the holder (pid 1, nsjail's child), and a job process that the template forked."""

import os

import machine
import processes
from jail import kill
from start.forked_jail import ForkedJail

STRAY_CHECK_SECONDS = 0.002


class WarmJail(ForkedJail):
    def __init__(self, loop, pipes, connection, holder_pid, holder, family):
        """`holder`: its pidfd."""
        super().__init__(loop, pipes, family)
        self._connection, self._holder_pid, self.holder = connection, holder_pid, holder

    def kill(self):
        """The kernel takes every process of a pid namespace with its first one."""
        if self.holder is not None:
            kill(self.holder)

    def _watch_end(self):
        if self.holder is not None:
            self._loop.watch(self.holder, self._holder_ended)
        self._check_gone()

    def _is_lost(self, status):
        # Where the holder is killed, it begins to exit before the kernel kills the rest of its namespace.
        return os.WIFSIGNALED(status) and processes.is_exiting(self._holder_pid)

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
