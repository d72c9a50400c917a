"""nsjail in its listening mode: one that stays loaded and makes a jail for each connection, a fork instead of a start.

It listens on the loopback of the slot's own network namespace, which no job can reach."""

import errno
import os
import socket
import struct

import machine
import processes
from log import LogPipe, write_stderr
from setup import nsjail_command
from start.child import Child
from start.spawn import be_first_victim, spawn

ADDRESS = ("127.0.0.1", 1024)
START_SECONDS = 5
LISTENS_CHECK_SECONDS = 0.002
LOG_FD = 3
HOLDER = f"/usr/local/holder/holder.{os.uname().machine}"
LISTEN = ["-Ml", "--bindhost", ADDRESS[0], "--port", str(ADDRESS[1]), "--log_fd", str(LOG_FD), "--", HOLDER]
# Else each jail would look up nsjail's functions anew, in memory that it copies for that.
BIND_NOW = {"LD_BIND_NOW": "1"}
RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # no connection is left behind in TIME_WAIT


class Jailer:
    def __init__(self, loop, home, config, user_namespace, family, on_end):
        """`on_end()` is called when it has ended by itself, or was killed by somebody: its jails end with it."""
        self._loop, self._user_namespace, self._on_end = loop, user_namespace, on_end
        self._command = nsjail_command(home, config, *LISTEN)
        self._yield = lambda: os.nice(config.nice_level)  # to jobs that run: no job waits for it
        self._child = Child(loop, family)
        self._null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        self._log = self._attempt = None
        self._known = set()  # its children when it was last asked for the newest

    @property
    def pid(self):
        return self._child.pid

    def connect(self, on_connection, on_failure):
        """Has it begin one jail: calls `on_connection(socket)`, which is the jail's stdin and stdout, or `on_failure(reason)`."""
        if self.pid is None:
            self._start()
        self._attempt = Attempt(on_connection, on_failure)
        self._attempt.timer = self._loop.later(START_SECONDS, lambda: self._fail(f"not listening within {START_SECONDS} s"))
        self._try()

    def newest_holder(self):
        """The pid and a pidfd of the first process of the jail that was begun last. Raises ProcessLookupError."""
        children = self._children()
        if not children or children[-1] in self._known:  # were an older jail taken for it, two jobs would share that
            raise ProcessLookupError("nsjail has no new jail")
        pidfd = os.pidfd_open(children[-1])
        if self._children()[-1:] != children[-1:]:  # the number may be another's by now
            os.close(pidfd)
            raise ProcessLookupError("it has ended meanwhile")
        self._known = set(children)
        return children[-1], pidfd

    def _children(self):
        return processes.children(self.pid) if self.pid is not None else []

    def words(self):
        return self._log.words() if self._log else "nsjail said nothing"

    def close(self):
        """Kills it; with it go all jails that it has made."""
        if self.pid is not None:
            self._child.kill()
            self._close_log()

    def _start(self):
        log, log_in = os.pipe2(os.O_CLOEXEC)
        enter = lambda: machine.setns(self._user_namespace, machine.NEWUSER)
        before = [be_first_victim, enter, self._yield]
        pid = spawn(self._command, [self._null, self._null, self._null, log_in], log_in, before, BIND_NOW)
        os.close(log_in)
        self._log = LogPipe(self._loop, log, pass_on=False)  # it complains of each jail that is killed
        self._child.adopt(pid, self._ended)

    def _try(self):
        if self._attempt is None:
            return
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
            connection.connect(ADDRESS)  # on the loopback that is done at once, or refused
        except OSError as error:
            connection.close()
            if error.errno == errno.ECONNREFUSED:
                self._loop.later(LISTENS_CHECK_SECONDS, self._try)
                return
            return self._fail(f"cannot connect to nsjail: {error}")
        connection.setblocking(False)
        self._take_attempt().on_connection(connection)

    def _fail(self, reason):
        if self._attempt is not None:
            self._take_attempt().on_failure(reason)

    def _take_attempt(self):
        attempt, self._attempt = self._attempt, None
        attempt.timer.cancel()
        return attempt

    def _ended(self, status):
        reason = f"nsjail ended, its wait status is {status}: {self.words()}"
        write_stderr(f"supervisor: {reason}\n".encode())
        self._close_log()
        self._on_end()
        self._fail(reason)

    def _close_log(self):
        self._log.close()
        self._log = None


class Attempt:
    def __init__(self, on_connection, on_failure):
        self.on_connection, self.on_failure, self.timer = on_connection, on_failure, None
