"""The supervisor's only way to the outside: framed messages on its stdin and stdout."""

import collections
import itertools
import os

import frames
from loop import WRITE

CHUNK = 1 << 16  # below what libc takes from the kernel, and gives back, each time
PIECES_AT_ONCE = 16


class Channel:
    def __init__(self, loop, reading, writing):
        self._loop, self._reading, self._writing = loop, reading, writing
        self._decoder = frames.Decoder()
        self._unsent = collections.deque()

    def open(self, on_message, on_end):
        """`on_message(header, parts)` for each; `on_end(reason)` once: None at the end of stdin, else what was wrong."""
        self._on_message, self._on_end = on_message, on_end
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)
        self._loop.watch(self._reading, self._read)

    @property
    def drained(self):
        """Whether the worker has taken all that was sent, as far as the pipe."""
        return not self._unsent

    def send(self, header, parts=None):
        waiting = bool(self._unsent)
        self._unsent.extend(map(memoryview, frames.encode(header, parts)))
        if not waiting and self._write():
            self._loop.watch(self._writing, self._write_more, WRITE)

    def flush(self):
        """Sends what is left, waiting for the worker to take it: for the last message before the end."""
        self._loop.unwatch(self._writing)
        os.set_blocking(self._writing, True)
        self._write()

    def _read(self):
        try:
            data = os.read(self._reading, CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            return self._close(f"stdin: {error}")
        if not data:
            return self._close(None)
        try:
            for header, parts in self._decoder.feed(data):
                self._on_message(header, parts)
        except frames.ProtocolError as error:
            self._close(str(error))

    def _close(self, reason):
        self._loop.unwatch(self._reading)
        self._on_end(reason)

    def _write_more(self):
        if not self._write():
            self._loop.unwatch(self._writing)

    def _forget(self, written):
        while written >= len(self._unsent[0]):
            written -= len(self._unsent.popleft())
            if not self._unsent:
                return
        self._unsent[0] = self._unsent[0][written:]

    def _write(self):
        """True if something is left."""
        try:
            while self._unsent:
                written = os.writev(self._writing, list(itertools.islice(self._unsent, PIECES_AT_ONCE)))
                self._forget(written)
        except BlockingIOError:
            pass
        except OSError as error:
            self._unsent.clear()
            self._on_end(f"stdout: {error}")
        return bool(self._unsent)
