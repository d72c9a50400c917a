"""The descriptors between supervisor and jail, and what goes over them."""

import posix

from . import codec

JOB = 4
RESULT = 5
SMALL_BYTES = 4096


class Setup:
    """What the supervisor wants a job process to give up. A cold one got its limits from nsjail."""

    def __init__(self, header, filter):
        self.rlimits = header.get("rlimits", {})
        self.isolation = header.get("isolation", "nsjail")
        self.filter = filter


class Job:
    def __init__(self, kind, script, input, rlimits):
        self.kind = kind
        self.script = script
        self.input = input
        # Those that depend on what the job asked for.
        self.rlimits = rlimits


def read_setup():
    header = codec.loads(_read(_read_length()).decode())
    return Setup(header, _read(header["filter"]))


def send_ready():
    # A program that the job executes in place of Python must not inherit it.
    posix.set_inheritable(RESULT, False)
    _write(b"R")


def read_job():
    header = codec.loads(_read(_read_length()).decode())
    script = _read(header["script"])
    input = None if header["input"] is None else _read(header["input"])
    posix.close(JOB)
    return Job(header["kind"], script, input, header["rlimits"])


def send_outcome(header, result):
    for piece in encode_outcome(header, result):
        _write(piece)


def encode_outcome(header, result):
    """The frame as pieces to write: u32be header bytes, u32be result bytes, header, result."""
    text = codec.dumps_ascii(header).encode()
    head = len(text).to_bytes(4, "big") + len(result).to_bytes(4, "big") + text
    # In one piece where that copies little: the supervisor then wakes once.
    return [head + result] if len(result) <= SMALL_BYTES else [head, result]


def _read_length():
    return int.from_bytes(_read(4), "big")


def _read(length, read=posix.read):
    chunks = []
    while length:
        chunk = read(JOB, length)
        if not chunk:
            raise EOFError("the supervisor closed the job pipe")
        chunks.append(chunk)
        length -= len(chunk)
    return b"".join(chunks)


def _write(data, write=posix.write):
    view = memoryview(data)
    while view:
        view = view[write(RESULT, view) :]
