"""The cold start: nsjail executes Python for each job. The seam where a warm start goes.

A start has `warm`, and `prepare(rlimits, on_ready, on_failure)`, which returns a Jail at once and calls
`on_ready(jail)` when its job process is locked down and waits for a job, or `on_failure(jail, reason)`."""

import json
import os
import socket
import struct
import time

from jail import Jail
from log import LogPipe, write_stderr
from start.spawn import spawn
from streams import read_some

PREPARE_SECONDS = 10
RUNNER = ["/usr/bin/python3", "-I", "-S", "/usr/local/runner/__main__.py"]  # the file: for a folder, Python imports runpy
# The supervisor enforces these itself, see jail.cfg.
OVERRIDES = "--time_limit 0 --cgroup_mem_max 0 --cgroup_pids_max 0 --cgroup_cpu_ms_per_sec 0".split()
LOG_FD = 6


class ColdStart:
    warm = False

    def __init__(self, loop, home, config, program, memory):
        self._loop, self._program, self._memory = loop, program, memory
        self._nsjail = os.path.join(home, "bin", "nsjail")
        self._arguments = ["nsjail", "--config", config.path, "--log_fd", str(LOG_FD), *OVERRIDES, "--", *RUNNER]
        self._null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)

    def prepare(self, rlimits, on_ready, on_failure):
        began = time.monotonic()
        jail = self._spawn(setup_message(rlimits, self._program))
        return Preparation(self._loop, jail, began, on_ready, on_failure).jail

    def _spawn(self, setup):
        job_in, job = os.pipe2(os.O_CLOEXEC)
        os.write(job, setup)  # fits into an empty pipe
        result, result_out = os.pipe2(os.O_CLOEXEC)
        stdout, stdout_out = os.pipe2(os.O_CLOEXEC)
        stderr, stderr_out = os.pipe2(os.O_CLOEXEC)
        log, log_out = os.pipe2(os.O_CLOEXEC)
        control, control_in = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        inside = [self._null, stdout_out, stderr_out, control_in.fileno(), job_in, result_out, log_out]
        pid = spawn(self._nsjail, self._arguments, inside, self._memory.enter)
        for fd in (stdout_out, stderr_out, job_in, result_out, log_out):
            os.close(fd)
        control_in.close()
        control.setblocking(False)
        for fd in (job, result, stdout, stderr):
            os.set_blocking(fd, False)
        return Jail(self._loop, pid, control, job, result, stdout, stderr, LogPipe(self._loop, log))


class Preparation:
    """Waits until the holder has introduced itself and the job process is ready, or one of them fails."""

    def __init__(self, loop, jail, began, on_ready, on_failure):
        self._loop, self.jail, self._began = loop, jail, began
        self._on_ready, self._on_failure = on_ready, on_failure
        self._job_process_ready = False
        self._timer = loop.later(PREPARE_SECONDS, lambda: self._fail(f"not ready within {PREPARE_SECONDS} s"))
        loop.watch(jail.control.fileno(), self._holder_speaks)
        loop.watch(jail.result, self._job_process_speaks)
        jail.on_end(lambda: self._fail("nsjail ended"))

    def _holder_speaks(self):
        packet, fds, _, _ = socket.recv_fds(self.jail.control, 64, 1, socket.MSG_CMSG_CLOEXEC)
        if packet != b"pid1" or len(fds) != 1:
            return self._fail("its first process did not start" if not packet else "its first process was not understood")
        self.jail.holder = fds[0]
        self._loop.unwatch(self.jail.control.fileno())
        self._check()

    def _job_process_speaks(self):
        said = os.read(self.jail.result, 1)
        if said != b"R":
            return self._fail("its job process could not be locked down")
        self._job_process_ready = True
        self._loop.unwatch(self.jail.result)
        self._check()

    def _check(self):
        if self._job_process_ready and self.jail.holder is not None:
            self._stop()
            self.jail.prepare_ms = (time.monotonic() - self._began) * 1000
            self._on_ready(self.jail)

    def _fail(self, reason):
        self._stop()
        write_stderr(read_some(self.jail.stderr) or b"")  # the runner's own words: no byte of a user is in the jail yet
        self._on_failure(self.jail, reason)

    def _stop(self):
        self._timer.cancel()
        self.jail.on_end(None)
        self._loop.unwatch(self.jail.control.fileno())
        self._loop.unwatch(self.jail.result)


def setup_message(rlimits, program):
    """What the job process needs to lock itself down, sent ahead of the job on the same pipe."""
    header = json.dumps({"rlimits": rlimits, "filter": len(program)}).encode()
    return struct.pack(">I", len(header)) + header + program
