"""Plays the supervisor for the real runner, without a jail.

`run_job` starts `python3 -I -S <runner>/__main__.py` with the descriptors of
section 3 of the frame protocol, a filter that allows everything, and says what a
supervisor would say of its end.
"""

import json
import os
import selectors
import signal
import socket
import struct
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

RUNNER = Path(__file__).resolve().parents[2] / "runner"
PYTHON = os.environ.get("JOBCELL_PYTHON", sys.executable)
SITE = os.environ.get("JOBCELL_SITE", "")
if not os.path.isdir(os.path.join(SITE, "pandas")):
    SITE = ""
ALLOW_ALL = struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000)
ENVIRONMENT = {"HOME": "/tmp", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "OPENBLAS_NUM_THREADS": "1"}
# The way to another site folder than /usr/local/site, for tests only.
BOOT = "import sys; g = {'__name__': 'test'}; exec(open(sys.argv[1]).read(), g); g['boot'](*sys.argv[2:])"


@dataclass
class Ended:
    """`error` as the outcome would have it; `frame` is the runner's own header."""

    frame: dict | None
    error: dict | None
    result: str | None
    stdout: str
    stderr: str
    control: list = field(default_factory=list)
    ready_ms: float = 0
    run_ms: float = 0


def run_job(script, input=None, kind="run", rlimits=None, filter=ALLOW_ALL, timeout=20):
    """`script`: str or bytes. `input`: JSON text or None."""
    with _Pipes() as pipes:
        started = time.perf_counter()
        holder = pipes.start(_command())
        pipes.send(_message({"rlimits": rlimits or {}, "filter": len(filter)}) + filter)
        pipes.wait_for_ready(timeout)
        ready = time.perf_counter()
        pipes.send(_job(kind, script, input))
        pipes.collect(holder, timeout)
        ended = time.perf_counter()
    frame, result = _parse(pipes.read[5])
    return Ended(
        frame=frame,
        error=_error(frame, pipes.control),
        result=result if frame and frame["status"] == "succeeded" else None,
        stdout=pipes.read[1].decode("utf-8", "replace"),
        stderr=pipes.read[2].decode("utf-8", "replace"),
        control=pipes.control,
        ready_ms=(ready - started) * 1000,
        run_ms=(ended - ready) * 1000,
    )


def _command():
    main = str(RUNNER / "__main__.py")
    if SITE:
        return [PYTHON, "-I", "-S", "-c", BOOT, main, str(RUNNER), SITE]
    return [PYTHON, "-I", "-S", main]


def _message(header):
    text = json.dumps(header).encode()
    return struct.pack(">I", len(text)) + text


def _job(kind, script, input):
    script = script.encode() if isinstance(script, str) else script
    input = input.encode() if isinstance(input, str) else input
    header = {"kind": kind, "script": len(script), "input": None if input is None else len(input), "rlimits": {}}
    return _message(header) + script + (input or b"")


def _parse(data):
    data = data.removeprefix(b"R")
    if not data:
        return None, None
    header_bytes, result_bytes = struct.unpack(">II", data[:8])
    assert len(data) == 8 + header_bytes + result_bytes, "exactly one frame"
    return json.loads(data[8 : 8 + header_bytes]), data[8 + header_bytes :].decode()


def _is_whole(data):
    return len(data) >= 9 and len(data) >= 9 + sum(struct.unpack(">II", data[1:9]))


def _kill_child_of(holder):
    for pid in Path(f"/proc/{holder}/task/{holder}/children").read_text().split():
        os.kill(int(pid), signal.SIGKILL)


def _error(frame, control):
    """The supervisor's words where the runner sent none."""
    if frame:
        return frame["error"]
    status = control[-1].get("status")
    if os.WIFSIGNALED(status):
        return {"code": "crashed", "signal": signal.Signals(os.WTERMSIG(status)).name}
    return {"code": "script_exit", "exit_code": os.WEXITSTATUS(status)}


class _Pipes:
    """The parent's ends of descriptors 1 to 5, by the child's number."""

    def __enter__(self):
        self.read = {1: b"", 2: b"", 5: b""}
        self.control = []
        self._socket, child_socket = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        child = {0: os.open("/dev/null", os.O_RDONLY), 3: child_socket.detach()}
        self._ours = {}
        for number in (1, 2, 5):
            self._ours[number], child[number] = os.pipe()
        child[4], self._job = os.pipe()
        self._child = child
        return self

    def start(self, command):
        # Twice, for a number that is needed may still be another's source.
        far = {number: 200 + number for number in self._child}
        actions = [(os.POSIX_SPAWN_DUP2, fd, far[number]) for number, fd in self._child.items()]
        actions += [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in far.items()]
        actions += [(os.POSIX_SPAWN_CLOSE, fd) for fd in far.values()]
        pid = os.posix_spawn(command[0], command, ENVIRONMENT, file_actions=actions)
        for fd in self._child.values():
            os.close(fd)
        return pid

    def send(self, data):
        while data:
            data = data[os.write(self._job, data) :]

    def wait_for_ready(self, timeout):
        self._socket.settimeout(timeout)
        packet, rights, _, _ = socket.recv_fds(self._socket, 100, 4)
        self.control.append(packet)
        for fd in rights:
            os.close(fd)
        self.read[5] = os.read(self._ours[5], 1)
        if self.read[5] != b"R":
            raise RuntimeError("not ready: " + os.read(self._ours[2], 65536).decode())

    def collect(self, holder, timeout):
        """Until the holder has reported; what a child of the job holds open stays open. A whole frame is the job's end."""
        deadline, ended = time.monotonic() + timeout, False
        with selectors.DefaultSelector() as selector:
            for number, fd in self._ours.items():
                os.set_blocking(fd, False)
                selector.register(fd, selectors.EVENT_READ, number)
            selector.register(self._socket, selectors.EVENT_READ, 3)
            while holder:
                ready = selector.select(max(0, deadline - time.monotonic()))
                if not ready:
                    os.kill(holder, signal.SIGKILL)
                    raise TimeoutError("the job did not end")
                for key, _ in ready:
                    if key.data == 3:
                        self.control.append(json.loads(self._socket.recv(1000)))
                        os.waitpid(holder, 0)
                        holder = None
                    elif not self._drain(key.data):
                        selector.unregister(key.fd)
                if holder and not ended and _is_whole(self.read[5]):
                    _kill_child_of(holder)
                    ended = True
        for number in self._ours:
            while self._drain(number):
                pass

    def _drain(self, number):
        try:
            data = os.read(self._ours[number], 1 << 20)
        except BlockingIOError:
            return False
        self.read[number] += data
        return bool(data)

    def __exit__(self, *_):
        self._socket.close()
        for fd in [self._job, *self._ours.values()]:
            os.close(fd)
