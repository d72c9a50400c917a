"""nsjail's own log: what it said last is kept for an error's message, and passed on to the supervisor's stderr if asked."""

import os
import re

KEPT_BYTES = 2048
PREFIX = re.compile(r"(\[[^\]]*\])+ ")  # [level][time][pid]


class LogPipe:
    def __init__(self, loop, fd, pass_on=True):
        self._loop, self._fd, self._pass_on = loop, fd, pass_on
        self._kept = b""
        os.set_blocking(fd, False)
        loop.watch(fd, self.read)

    def read(self):
        if self._fd is None:
            return
        try:
            data = os.read(self._fd, 65536)
        except BlockingIOError:
            return
        if not data:
            return self._loop.unwatch(self._fd)
        self._kept = (self._kept + data)[-KEPT_BYTES:]
        if self._pass_on:
            write_stderr(data)

    def words(self):
        """All that was said, in one line, without time stamps."""
        self.read()
        lines = self._kept.decode(errors="replace").splitlines()
        return "; ".join(PREFIX.sub("", line) for line in lines) or "nsjail said nothing"

    def close(self):
        self.read()
        self._loop.unwatch(self._fd)
        os.close(self._fd)
        self._fd = None


def write_stderr(data):
    """Diagnostics are never worth a stop: what stderr does not take is lost."""
    try:
        os.write(2, data)
    except OSError:
        pass
