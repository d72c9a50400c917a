"""One jail: its pipes, how its job process ended, and the proof that it is gone. What all starts have in common."""

import os
import signal

# The runner's descriptors (runner/frames.py).
STDOUT, STDERR, JOB, RESULT = 1, 2, 4, 5


class Pipes:
    """The four pipes of one job: the supervisor's ends, and `inside`: descriptor in the jail to the end that goes there."""

    def __init__(self):
        job_out, self.job = os.pipe2(os.O_CLOEXEC)
        self.result, result_in = os.pipe2(os.O_CLOEXEC)
        self.stdout, stdout_in = os.pipe2(os.O_CLOEXEC)
        self.stderr, stderr_in = os.pipe2(os.O_CLOEXEC)
        self.inside = {STDOUT: stdout_in, STDERR: stderr_in, JOB: job_out, RESULT: result_in}
        for fd in self.ours():
            os.set_blocking(fd, False)

    def ours(self):
        return self.job, self.result, self.stdout, self.stderr

    def close_inside(self):
        for fd in self.inside.values():
            os.close(fd)
        self.inside = {}


class Jail:
    """What `run.py` and `slot.py` need of a jail. A start's own kind knows its processes.

    Its own kind has `begin()`: the job comes now; `find_pid()`: of the job process, None if there is none; `cpu_ms()`: its
    CPU time so far; `kill()`: ends every process of it; `_watch_end()`, which tells `_gone()` when none is left."""

    def __init__(self, loop, pipes):
        self._loop, self._pipes = loop, pipes
        self.job, self.result, self.stdout, self.stderr = pipes.ours()
        self._on_end = self._on_gone = None

    def on_end(self, callback):
        """Calls `callback(end)` once the job process has ended, with an End; None takes it back."""
        self._on_end = callback

    def when_gone(self, callback):
        """Calls `callback(jail)` once no process of it is left; kills it first."""
        self._on_gone = callback
        self.kill()
        self._watch_end()

    def _ended(self, end):
        callback, self._on_end = self._on_end, None
        if callback is not None:
            callback(end)

    def _gone(self):
        for fd in self._pipes.ours():
            self._loop.unwatch(fd)
            os.close(fd)
        callback, self._on_gone = self._on_gone, None
        callback(self)


class End:
    """How a job process ended: its wait status and CPU time; or, without a status, why the jail was lost."""

    def __init__(self, status, cpu_ms, lost=None):
        self.status, self.cpu_ms, self.lost = status, cpu_ms, lost


def kill(pidfd):
    try:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    except ProcessLookupError:
        pass
