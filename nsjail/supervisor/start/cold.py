"""The cold start: nsjail executes Python, for each job anew. What a warm start is measured and proven against."""

import os
import socket

import core
from jail import Pipes
from jail_config import BEYOND_NSJAIL
from log import LogPipe, write_stderr
from setup import RUNNER, nsjail_command, setup_message
from start.cold_jail import ColdJail
from start.spawn import be_first_victim, spawn
from streams import read_some

PREPARE_SECONDS = 10
LOG_FD = 6
# Beside the three of every process: the holder's control socket, the job and the result.
PASSED = "--pass_fd 3 --pass_fd 4 --pass_fd 5".split()


class ColdStart:
    name, isolation, kinds_ahead, settled = "cold", "nsjail", (), True

    def __init__(self, loop, home, config, program):
        self._loop, self.on_lost = loop, None
        self._setup = setup_message({"rlimits": BEYOND_NSJAIL}, program)  # nsjail sets those of jail.cfg
        self._command = nsjail_command(home, config, "--log_fd", str(LOG_FD), *PASSED, "--", *RUNNER)
        self._null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)

    def kind_for(self, _script):
        return None

    def prepare(self, _kind, on_ready, on_failure):
        Preparation(self._loop, self._spawn(), on_ready, on_failure)

    def retire(self):
        return []

    def close(self, on_closed):
        on_closed()

    def _spawn(self):
        pipes = Pipes()
        os.write(pipes.job, self._setup)  # fits into an empty pipe
        log, log_in = os.pipe2(os.O_CLOEXEC)
        control, control_in = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        of = pipes.inside
        inside = [self._null, of[1], of[2], control_in.fileno(), of[4], of[5], log_in]
        pid = spawn(self._command, inside, log_in, [be_first_victim, lambda: core.confine(0)])
        pipes.close_inside()
        os.close(log_in)
        control_in.close()
        control.setblocking(False)
        return ColdJail(self._loop, pipes, pid, control, LogPipe(self._loop, log))


class Preparation:
    """Waits until the holder has introduced itself and the job process is ready, or one of them fails."""

    def __init__(self, loop, jail, on_ready, on_failure):
        self._loop, self._jail = loop, jail
        self._on_ready, self._on_failure = on_ready, on_failure
        self._timer = loop.later(PREPARE_SECONDS, lambda: self._fail(f"not ready within {PREPARE_SECONDS} s"))
        self._waits_for = {"the holder", "the job process"}
        jail.on_introduction(lambda: self._heard("the holder"), self._fail)
        loop.watch(jail.result, self._job_process_speaks)
        jail.on_end(lambda _: self._fail("nsjail ended"))

    def _job_process_speaks(self):
        self._loop.unwatch(self._jail.result)
        if os.read(self._jail.result, 1) != b"R":
            return self._fail("its job process could not be locked down")
        self._heard("the job process")

    def _heard(self, who):
        self._waits_for.discard(who)
        if self._waits_for:
            return
        self._stop()
        self._on_ready(self._jail)

    def _fail(self, reason):
        self._stop()
        write_stderr(read_some(self._jail.stderr) or b"")  # the runner's own words: no byte of a user is in the jail yet
        self._jail.when_gone(lambda jail: self._on_failure(f"{reason}: {jail.log.words()}"))

    def _stop(self):
        self._timer.cancel()
        self._jail.on_end(None)
        self._jail.on_introduction(None, None)
        self._loop.unwatch(self._jail.result)
