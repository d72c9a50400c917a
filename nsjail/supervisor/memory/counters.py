"""Reads and writes a cgroup's files. They stay open: in a slot that is out of memory nothing new may be needed."""

import os

READ_BYTES = 8192


class Counters:
    def __init__(self, folder, names):
        self._folder = folder
        self._written = {}
        self._fds = {name: self._open(name) for name in names}

    def number(self, name):
        """A file that holds one number; 0 where the kernel does not have the file."""
        fd = self._fds[name]
        return int(os.pread(fd, 64, 0)) if fd is not None else 0

    def fields(self, name):
        """A file of `name number` lines."""
        lines = os.pread(self._fds[name], READ_BYTES, 0).split(b"\n")
        pairs = (line.split() for line in lines)
        return {pair[0].decode(): int(pair[1]) for pair in pairs if len(pair) == 2}

    def exists(self, name):
        return os.path.exists(os.path.join(self._folder, name))

    def write(self, name, value):
        fd = self._written.get(name)
        if fd is None:
            fd = self._written[name] = os.open(os.path.join(self._folder, name), os.O_WRONLY | os.O_CLOEXEC)
        os.pwrite(fd, str(value).encode(), 0)

    def _open(self, name):
        try:
            return os.open(os.path.join(self._folder, name), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
