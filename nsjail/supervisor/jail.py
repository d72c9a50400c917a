"""One jail that was made: its descriptors, its end, and the proof that it is gone."""

import os
import signal

import machine
import processes

NSJAIL_PATIENCE_SECONDS = 0.3
STRAY_CHECK_SECONDS = 0.005


class Jail:
    """nsjail's process, the holder (pid 1 of the jail) and the supervisor's ends of the job's descriptors."""

    def __init__(self, loop, pid, control, job, result, stdout, stderr, log):
        self.control, self.job, self.result, self.stdout, self.stderr, self.log = control, job, result, stdout, stderr, log
        self.pid, self.holder = pid, None
        self.prepare_ms = 0.0
        self.nsjail_status = None
        self._job_process, self._cpu_ms = None, 0.0
        self._loop = loop
        self._nsjail = os.pidfd_open(pid)
        self._on_nsjail_end = self._on_gone = None
        loop.watch(self._nsjail, self._nsjail_ended)

    @property
    def ended(self):
        """Whether nsjail has ended (it does so after the holder)."""
        return self._nsjail is None

    def on_end(self, callback):
        """Calls `callback()` when nsjail ends; None takes it back."""
        self._on_nsjail_end = callback

    def cpu_ms(self):
        """CPU time of the job process, as far as it can be read from outside; what was read last, once it is gone."""
        if self._job_process is None:
            holders = processes.children(self.pid)
            jobs = processes.children(holders[0]) if holders else []
            self._job_process = jobs[0] if jobs else None
        if self._job_process is not None:
            self._cpu_ms = max(self._cpu_ms, processes.cpu_ms(self._job_process))
        return self._cpu_ms

    def kill(self):
        """Ends the whole jail: the kernel takes every process of a pid namespace with its first one."""
        if self.holder is None and not self.ended:
            self._find_holder()
        for pidfd in (self.holder, self._nsjail if self.holder is None else None):
            if pidfd is not None:
                _kill(pidfd)

    def when_gone(self, callback):
        """Calls `callback(jail)` once no process of it is left; kills it first."""
        self._on_gone = callback
        self.kill()
        if self.holder is not None:
            self._loop.watch(self.holder, self._holder_ended)
        self._check_gone()

    def _find_holder(self):
        # It has not introduced itself yet. Between nsjail's end and its own it must not get out of sight.
        for pid in processes.children(self.pid):
            try:
                self.holder = os.pidfd_open(pid)
            except ProcessLookupError:
                pass

    def _nsjail_ended(self):
        self._loop.unwatch(self._nsjail)
        os.close(self._nsjail)
        self._nsjail = None
        self.nsjail_status = os.waitpid(self.pid, 0)[1]
        if self._on_nsjail_end:
            self._on_nsjail_end()
        self._check_gone()

    def _holder_ended(self):
        self._loop.unwatch(self.holder)
        os.close(self.holder)
        self.holder = None
        if self._nsjail is not None:
            self._loop.later(NSJAIL_PATIENCE_SECONDS, lambda: self._nsjail is not None and _kill(self._nsjail))
        self._check_gone()

    def _check_gone(self):
        if self._on_gone is None or self.holder is not None or self._nsjail is not None:
            return
        if machine.end_strays():
            self._loop.later(STRAY_CHECK_SECONDS, self._check_gone)
            return
        self._close()
        callback, self._on_gone = self._on_gone, None
        callback(self)

    def _close(self):
        for fd in (self.job, self.result, self.stdout, self.stderr):
            self._loop.unwatch(fd)
            os.close(fd)
        self._loop.unwatch(self.control.fileno())
        self.control.close()
        self.log.close()


def _kill(pidfd):
    try:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    except ProcessLookupError:
        pass
