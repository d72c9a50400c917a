"""What comes out of a jail: output kept up to a cap, and the one result frame. Neither is ever buffered beyond its bound."""

import fcntl
import os
import struct

CHUNK = 65536
OUTPUT_LIMIT_FACTOR = 16

MAX_RESULT_HEADER_BYTES = 256 << 10
_PREFIX = struct.Struct(">II")


class Output:
    """stdout or stderr of a job."""

    def __init__(self, name, fd, cap):
        self.name, self.fd, self._cap = name, fd, cap
        self.kept, self.total = bytearray(), 0

    @property
    def truncated(self):
        return self.total > self._cap

    @property
    def over_limit(self):
        return self.total > self._cap * OUTPUT_LIMIT_FACTOR

    def read(self):
        """Reads once. False when nothing is there now, None at the end."""
        data = read_some(self.fd)
        if data:
            self.kept += data[: self._cap - len(self.kept)]
            self.total += len(data)
            return True
        return data if data is None else False

    def drain(self):
        """Reads what is in the pipe now; no more than a pipe holds, since children may go on writing."""
        if not self.read():
            return
        end = self.total + fcntl.fcntl(self.fd, fcntl.F_GETPIPE_SZ)
        while self.total < end and self.read():
            pass


class ResultFrame:
    """u32be header bytes, u32be result bytes, header, result. `problem` is "malformed" or "too_large" once it is either."""

    def __init__(self, max_result_bytes):
        self._max_result_bytes = max_result_bytes
        self._buffer = bytearray()
        self._lengths, self._taken = None, False
        self.problem = None

    @property
    def whole(self):
        return self._lengths is not None and not self.problem and len(self._buffer) >= sum(self._lengths)

    def feed(self, data):
        """Bytes after a whole frame are ignored."""
        if self.problem or self._taken or self.whole:
            return
        self._buffer += data
        if self._lengths is None and len(self._buffer) >= _PREFIX.size:
            self._lengths = _PREFIX.unpack_from(self._buffer)
            del self._buffer[: _PREFIX.size]
            header_bytes, result_bytes = self._lengths
            if header_bytes > MAX_RESULT_HEADER_BYTES:
                self.problem = "malformed"
            elif result_bytes > self._max_result_bytes:
                self.problem = "too_large"

    def take_parts(self):
        """(header bytes, result bytes) of a whole frame, which is then held no longer."""
        header_bytes, result_bytes = self._lengths
        with memoryview(self._buffer) as frame:
            parts = bytes(frame[:header_bytes]), bytes(frame[header_bytes : header_bytes + result_bytes])
        self._buffer, self._taken = bytearray(), True
        return parts


def read_some(fd):
    """Bytes; b"" when nothing is there now; None at the end."""
    try:
        return os.read(fd, CHUNK) or None
    except BlockingIOError:
        return b""
