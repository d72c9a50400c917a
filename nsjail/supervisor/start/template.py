"""The supervisor's side of the template: an interpreter with numpy and pandas imported that forks job processes.

It runs no byte of a user and is told none: all it ever hears is "fork", with the descriptors of the child."""

import json
import os
import resource
import socket
import time

from log import write_stderr
from setup import RUNNER
from start.child import Child
from start.spawn import spawn

READY_SECONDS = 20
FORK_SECONDS = 5
# What all job processes of one template share, and reseeding cannot change (hash seed, address layout), ends with it.
MAX_JOBS = 2000
MAX_AGE_SECONDS = 3600
MAX_PACKET_BYTES = 4096


class Template:
    def __init__(self, kind, loop, config, setup, handed, family, on_lost):
        """`handed`: descriptors that it has beside its setup. `on_lost(kind)` is called when it has ended by itself, or was killed by somebody."""
        self._kind, self._loop, self._setup, self._handed = kind, loop, setup, handed
        self._environment, self._stack_bytes = config.environment, config.rlimits["stack"]
        self._nice_level = config.nice_level
        self._child, self._on_lost = Child(loop, family), on_lost
        self._null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        self._ready, self._control = False, None
        self._waiting = self._forking = self._timer = None
        self._jobs, self._born = 0, 0.0

    @property
    def pid(self):
        return self._child.pid

    @property
    def spent(self):
        """Whether it has served as long as one should."""
        return self.pid is not None and (self._jobs >= MAX_JOBS or time.monotonic() - self._born > MAX_AGE_SECONDS)

    @property
    def importing(self):
        return self.pid is not None and not self._ready

    def when_ready(self, on_ready, on_failure):
        """Starts it where it is not there. Calls `on_ready()` once it can fork, or `on_failure(reason)`."""
        if self.pid is None:
            self._start()
        if self._ready:
            on_ready()
        else:
            self._waiting = on_ready, on_failure

    def fork(self, place, inside, on_pid, on_failure):
        """Forks a job process, a child of the supervisor, into `place`: the pidfd of a jail's pid 1, or nothing.

        Calls `on_pid(pid)` or `on_failure(reason)`."""
        if not self._ready:
            return on_failure("the template: it has ended meanwhile")
        self._forking = on_pid, on_failure
        self._jobs += 1
        self._timer = self._loop.later(FORK_SECONDS, lambda: self._fail(f"it did not fork within {FORK_SECONDS} s"))
        try:
            socket.send_fds(self._control, [b"fork"], [*place, *(inside[number] for number in sorted(inside))])
        except OSError as error:
            self._fail(f"it cannot be asked to fork: {error}")

    def close(self):
        if self.pid is not None:
            self._child.kill()
            self._clean_up()

    def _start(self):
        setup, setup_in = os.pipe2(os.O_CLOEXEC)
        os.write(setup_in, self._setup)  # fits into an empty pipe
        os.close(setup_in)
        self._control, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        descriptors = [self._null, self._null, 2, inside.fileno(), setup, *self._handed]
        # Forks of it are jobs and what is made ahead of them: both yield to the supervisor, and none to the other.
        before = [self._limit_stack, lambda: os.nice(self._nice_level)]
        pid = spawn([*RUNNER, "template", self._kind], descriptors, 2, before, self._environment)
        inside.close()
        os.close(setup)
        self._ready, self._jobs, self._born = False, 0, time.monotonic()
        self._child.adopt(pid, self._ended)
        self._control.setblocking(False)
        self._loop.watch(self._control.fileno(), self._speaks)
        self._timer = self._loop.later(READY_SECONDS, lambda: self._fail(f"it was not ready within {READY_SECONDS} s"))

    def _limit_stack(self):
        # libc takes the size of threads' stacks from it, at the start of a program.
        hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
        bounded = self._stack_bytes if hard == resource.RLIM_INFINITY else min(self._stack_bytes, hard)
        resource.setrlimit(resource.RLIMIT_STACK, (bounded, hard))

    def _speaks(self):
        try:
            said = self._hear()
        except BlockingIOError:
            return
        except (OSError, ValueError):
            self._loop.unwatch(self._control.fileno())  # it has ended, and `_ended` hears of that
            return
        if "error" in said:
            return self._fail(said["error"])
        self._timer.cancel()
        if "pid" in said:
            (on_pid, _), self._forking = self._forking, None
            on_pid(said["pid"])
        else:
            self._ready = True
            waiting, self._waiting = self._waiting, None
            if waiting:
                waiting[0]()

    def _hear(self):
        return json.loads(self._control.recv(MAX_PACKET_BYTES))

    def _ended(self, status):
        reason = self._last_words() or f"it ended, its wait status is {status}"
        write_stderr(f"supervisor: the template: {reason}\n".encode())
        self._clean_up()
        self._on_lost(self._kind)
        self._fail(reason)

    def _last_words(self):
        """The error that it told before it ended, where its end was noticed first."""
        try:
            while "error" not in (said := self._hear()):
                pass
        except (OSError, ValueError):
            return None
        return said["error"]

    def _fail(self, reason):
        """Whoever waits is told. A template that failed is used no more."""
        waiting, forking = self._waiting, self._forking
        self._waiting = self._forking = None
        self.close()
        for each in (waiting, forking):
            if each:
                each[1](f"the template: {reason}")

    def _clean_up(self):
        self._timer.cancel()
        self._loop.unwatch(self._control.fileno())
        self._control.close()
        self._ready, self._control = False, None
