"""A child of the supervisor that serves many jails: nsjail or a template. Its end is noticed, and it is reaped."""

import os
import signal


class Child:
    """`pid` is None while there is none. `family` holds the pids of the children that are no strays."""

    def __init__(self, loop, family):
        self._loop, self._family = loop, family
        self.pid = self._pidfd = None

    def adopt(self, pid, on_end):
        """Calls `on_end(status)`, its wait status, once it has ended by itself or was killed by somebody else."""
        self.pid, self._pidfd = pid, os.pidfd_open(pid)
        self._family.add(pid)
        self._loop.watch(self._pidfd, lambda: on_end(self._reap()))

    def kill(self):
        """Ends it without a word, and reaps it."""
        os.kill(self.pid, signal.SIGKILL)
        self._reap()

    def _reap(self):
        status = os.waitpid(self.pid, 0)[1]
        self._loop.unwatch(self._pidfd)
        os.close(self._pidfd)
        self._family.discard(self.pid)
        self.pid = self._pidfd = None
        return status
