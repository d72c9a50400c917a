"""A jail that was started cold: nsjail, the holder (pid 1, the runner's own) and the job process that it forked."""

import json
import os
import socket

import machine
import processes
from jail import End, Jail, kill
from log import write_stderr

NSJAIL_PATIENCE_SECONDS = 0.3
STRAY_CHECK_SECONDS = 0.005


class ColdJail(Jail):
    def __init__(self, loop, pipes, pid, control, log):
        super().__init__(loop, pipes)
        self.log = log
        self._control, self._pid, self._holder = control, pid, None
        self._job_process, self._cpu_ms = None, 0.0
        self._nsjail = os.pidfd_open(pid)
        self._on_introduction = self._on_misunderstanding = None
        loop.watch(self._nsjail, self._nsjail_ended)
        loop.watch(control.fileno(), self._holder_speaks)

    def on_introduction(self, callback, otherwise):
        """Calls `callback()` when the holder has said who it is, `otherwise(reason)` when it said something else."""
        self._on_introduction, self._on_misunderstanding = callback, otherwise

    def begin(self):
        pass  # it was made for this job

    def find_pid(self):
        if self._job_process is None:
            holders = processes.children(self._pid)
            jobs = processes.children(holders[0]) if holders else []
            self._job_process = jobs[0] if jobs else None
        return self._job_process

    def cpu_ms(self):
        """As far as it can be read from outside; what was read last, once the job process is gone."""
        if self.find_pid() is not None:
            self._cpu_ms = max(self._cpu_ms, processes.cpu_ms(self._job_process))
        return self._cpu_ms

    def kill(self):
        """The kernel takes every process of a pid namespace with its first one."""
        if self._holder is None and self._nsjail is not None:
            self._find_holder()
        for pidfd in (self._holder, self._nsjail if self._holder is None else None):
            if pidfd is not None:
                kill(pidfd)

    def _watch_end(self):
        self._loop.unwatch(self._control.fileno())
        if self._holder is not None:
            self._loop.watch(self._holder, self._holder_ended)
        self._check_gone()

    def _holder_speaks(self):
        """First who it is, last how the job process ended. Nothing: it is gone."""
        try:
            packet, fds, _, _ = socket.recv_fds(self._control, 256, 1, socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            return
        except OSError:
            packet, fds = b"", []
        if packet == b"pid1" and len(fds) == 1:
            self._holder = fds[0]
            return self._on_introduction() if self._on_introduction else None
        self._loop.unwatch(self._control.fileno())
        if self._on_misunderstanding:
            return self._on_misunderstanding("its first process did not start" if not packet else "its first process was not understood")
        self._ended(read_end(packet))

    def _find_holder(self):
        # It has not introduced itself yet. Between nsjail's end and its own it must not get out of sight.
        for pid in processes.children(self._pid):
            try:
                self._holder = os.pidfd_open(pid)
            except ProcessLookupError:
                pass

    def _nsjail_ended(self):
        self._loop.unwatch(self._nsjail)
        os.close(self._nsjail)
        self._nsjail = None
        status = os.waitpid(self._pid, 0)[1]
        if self._on_gone is not None:
            return self._check_gone()
        if self._on_end is not None and self._on_introduction is None:
            self._holder_speaks()  # its last word may lie there unread still
        if self._on_end is not None:
            write_stderr(f"supervisor: nsjail ended, its wait status is {status}\n".encode())
            self._ended(End(None, self._cpu_ms, "The jail ended without saying how."))

    def _holder_ended(self):
        self._loop.unwatch(self._holder)
        os.close(self._holder)
        self._holder = None
        if self._nsjail is not None:
            self._loop.later(NSJAIL_PATIENCE_SECONDS, lambda: self._nsjail is not None and kill(self._nsjail))
        self._check_gone()

    def _check_gone(self):
        if self._on_gone is None or self._holder is not None or self._nsjail is not None:
            return
        if machine.end_strays():
            self._loop.later(STRAY_CHECK_SECONDS, self._check_gone)
            return
        self._control.close()
        self.log.close()
        self._gone()


def read_end(packet):
    """An End from the holder's last packet. The jail is lost when there is none."""
    try:
        said = json.loads(packet)
        return End(int(said["status"]), float(said["cpu_ms"]))
    except (ValueError, LookupError, TypeError) as error:
        write_stderr(f"supervisor: the holder's last packet: {error!r}\n".encode())
        return End(None, 0.0, "The jail ended without saying how.")
