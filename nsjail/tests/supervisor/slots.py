"""Real slots for tests: what each driver starts, and a client that speaks to a supervisor as the worker does."""

import atexit
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import frames

from . import NSJAIL, SCRIPTS

SANDBOX = Path(os.environ.get("JOBCELL_SANDBOX", NSJAIL.parent / ".jobcell" / "sandbox"))
IMAGE = os.environ.get("JOBCELL_SANDBOX_IMAGE", "jobcell-sandbox")
DOCKER = os.environ.get("DOCKER_CLI", "docker")
ORDINARY_UID = 12345
MIB = 1 << 20


def refusing(call):
    """What a command is to follow, for a machine that refuses it one system call."""
    return ["/usr/bin/python3", "-I", str(NSJAIL / "tests" / "supervisor" / "refusing.py"), call]


@dataclass
class Result:
    """An outcome message and its parts."""

    status: str
    error: dict | None
    result: str | None
    stdout: bytes
    stderr: bytes
    header: dict
    clearing_ms: float = 0
    live: list = field(default_factory=list)

    @property
    def code(self):
        return self.error and self.error["code"]


class Slot:
    """A running slot. `run` hands it one job and waits until it is idle again."""

    def __init__(self, command, on_limit=None, on_close=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self._decoder, self._waiting = frames.Decoder(), []
        self._on_limit, self._on_close = on_limit, on_close
        self._memory_bytes = None
        self.number = 0  # of the job that was sent last
        self.live = []  # what was told of its output before its outcome: (stream, bytes)
        self.last_words = ""
        try:
            self.ready, _ = self.receive()
        except EOFError as error:
            raise AssertionError(f"the slot did not start: {error}") from None

    def send(self, script, input=None, timeout_ms=5000, memory_bytes=256 * MIB, kind="run"):
        if self._on_limit and memory_bytes != self._memory_bytes:
            self._on_limit(memory_bytes + self.ready["overhead_bytes"])
            self._memory_bytes = memory_bytes
        parts = {"script": script if isinstance(script, bytes) else script.encode()}
        if input is not None:
            parts["input"] = input.encode()
        self.number, self.live = self.number + 1, []
        self.say({"type": "run", "number": self.number, "kind": kind, "timeout_ms": timeout_ms, "memory_bytes": memory_bytes}, parts)

    def cancel(self, number=None):
        """The job that was sent last, or another."""
        self.say({"type": "cancel", "number": self.number if number is None else number})

    def say(self, header, parts=None):
        self.process.stdin.write(b"".join(frames.encode(header, parts)))
        self.process.stdin.flush()

    def receive(self):
        while not self._waiting:
            data = self.process.stdout.read1(1 << 20)
            if not data:
                self.process.stdin.close()
                raise EOFError(f"exit code {self.process.wait(10)}: " + self.process.stderr.read().decode(errors="replace")[-2000:])
            self._waiting += self._decoder.feed(data)
        return self._waiting.pop(0)

    def receive_outcome(self):
        """The outcome of the job that was sent; where it had to wait for its jail, the supervisor says first that it starts.
        What it tells of the output before is kept in `live`."""
        header, parts = self.receive()
        if header == {"type": "started"}:
            header, parts = self.receive()
        while header["type"] == "output":
            self.live.append((header["stream"], parts["bytes"]))
            header, parts = self.receive()
        assert header["type"] == "outcome", header
        return header, parts

    def receive_live(self, count):
        """Waits until so many bytes of output were told while the job runs."""
        while sum(len(told) for _, told in self.live) < count:
            header, parts = self.receive()
            if header != {"type": "started"}:
                assert header["type"] == "output", header
                self.live.append((header["stream"], parts["bytes"]))

    def receive_idle(self):
        header, _ = self.receive()
        assert header == {"type": "idle", "jail_ready": self.ready["start"] == "warm"}, header

    def run(self, script, **request):
        self.send(script, **request)
        return self.end()

    def end(self):
        """Waits until the job that was sent has ended and the slot is idle again."""
        header, parts = self.receive_outcome()
        answered = time.monotonic()
        self.receive_idle()
        result = parts.get("result")
        return Result(header["status"], header["error"], result and result.decode(), parts["stdout"], parts["stderr"],
                      header, (time.monotonic() - answered) * 1000, self.live)

    def run_file(self, name, folder="containment", **request):
        return self.run((SCRIPTS / folder / f"{name}.py").read_bytes(), **request)

    def close(self):
        """Ends it as the worker does; returns its exit code."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            code = self.process.wait(10)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            if self._on_close:
                self._on_close()
        self.process.stdout.close()
        with self.process.stderr:
            self.last_words = self.process.stderr.read().decode(errors="replace")
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class ProcessDriver:
    """The launcher, as whoever runs the tests."""

    is_local = True  # the slot's processes are below the test's own

    def __init__(self, name, cgroup, start="warm"):
        self.name, self._cgroup, self.start_name = name, cgroup, start
        self.enforced_by = "cgroup" if cgroup == "require" else "sampling"

    def refusal(self):
        if not (SANDBOX / "site").is_dir():
            return f"no sandbox at {SANDBOX}: run tools/sandbox-python, or set JOBCELL_SANDBOX"
        if self._cgroup == "require" and os.geteuid() != 0:
            return "needs root, for a cgroup"
        return None

    def command(self, nsjail_dir=NSJAIL, sandbox_dir=SANDBOX):
        launcher = str(NSJAIL / "launcher")
        return ["/usr/bin/python3", "-I", "-S", launcher, "--nsjail-dir", str(nsjail_dir),
                "--sandbox-dir", str(sandbox_dir), "--cgroup", self._cgroup, "--start", self.start_name]

    def start(self, nsjail_dir=NSJAIL):
        return Slot(self.command(nsjail_dir))


class OrdinaryUserDriver(ProcessDriver):
    """The launcher as a user without any privilege, started by root."""

    def __init__(self, start="warm"):
        super().__init__("user", "auto", start)
        self.enforced_by = "sampling"
        self._sandbox = self._launcher = None

    def refusal(self):
        return super().refusal() or (None if os.geteuid() == 0 else "the process driver's tests run as one already")

    def start(self, nsjail_dir=NSJAIL):
        readable = self._readable()
        nsjail = readable / f"nsjail-{uuid.uuid4().hex}"
        shutil.copytree(nsjail_dir, nsjail, ignore=shutil.ignore_patterns("tests", "__pycache__"))
        subprocess.run(["chmod", "-R", "a+rX", str(nsjail)], check=True)
        user = ["setpriv", f"--reuid={ORDINARY_UID}", f"--regid={ORDINARY_UID}", "--clear-groups", "--inh-caps=-all"]
        command = self.command(nsjail, readable / "sandbox")
        command[3] = str(nsjail / "launcher")
        return Slot([*user, "env", "-u", "XDG_RUNTIME_DIR", *command], on_close=lambda: shutil.rmtree(nsjail))

    def _readable(self):
        if self._sandbox is None:
            folder = tempfile.mkdtemp(prefix="jobcell-test-")
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            atexit.register(shutil.rmtree, f"/tmp/jobcell-{ORDINARY_UID}", ignore_errors=True)
            os.chmod(folder, 0o755)
            subprocess.run(["cp", "-a", str(SANDBOX), f"{folder}/sandbox"], check=True)
            self._sandbox = Path(folder)
        return self._sandbox


class DockerDriver:
    """The sandbox image under the flags that the worker gives it."""

    name, enforced_by, is_local = "docker", "cgroup", False

    def __init__(self, start="warm"):
        self.start_name = start

    def refusal(self):
        try:
            found = subprocess.run([DOCKER, "image", "inspect", IMAGE], capture_output=True, timeout=30)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"no Docker: {error}"
        return None if found.returncode == 0 else f"no image {IMAGE}, or no engine"

    def start(self, nsjail_dir=NSJAIL):
        name = f"jobcell-test-{uuid.uuid4().hex[:12]}"
        flags = ["--user=10001:10001", "--read-only", "--cap-drop=ALL", "--network=none", "--ipc=private", "--cpus=1.5",
                 "--security-opt=no-new-privileges", f"--security-opt=seccomp={NSJAIL / 'seccomp' / 'container.json'}",
                 "--log-driver=none", "--tmpfs=/tmp:rw,nosuid,nodev,noexec,size=1m,mode=1777", "--pids-limit=80",
                 "--memory=512m", "--memory-swap=512m"]
        if nsjail_dir != NSJAIL:
            flags += [f"--volume={nsjail_dir / part}:/opt/jobcell/{part}:ro" for part in ("seccomp", "jail.cfg")]

        def limit(memory_bytes):
            subprocess.run([DOCKER, "update", f"--memory={memory_bytes}", f"--memory-swap={memory_bytes}", name],
                           check=True, capture_output=True)

        def remove():
            subprocess.run([DOCKER, "rm", "-f", name], capture_output=True)

        return Slot([DOCKER, "run", "--rm", "-i", "--name", name, *flags, IMAGE, f"--start={self.start_name}"], on_limit=limit, on_close=remove)


class SingleDriver(DockerDriver):
    """The launcher in a plain container, as an ordinary user who has the seccomp profile and nothing else."""

    name, enforced_by = "single", "sampling"
    profile, isolation = [f"--security-opt=seccomp={NSJAIL / 'seccomp' / 'container.json'}"], "nsjail"

    def start(self, nsjail_dir=NSJAIL, flags=(), before=":", run_dir="/dev/shm/run"):
        """`flags`: more of docker's. `before`: a line of shell that runs in the container first."""
        name = f"jobcell-test-{uuid.uuid4().hex[:12]}"
        flags = ["--user=10001:10001", "--cap-drop=ALL", "--network=none", "--init", "--log-driver=none", *self.profile, *flags,
                 f"--volume={NSJAIL / 'launcher'}:/opt/jobcell/launcher:ro"]
        if nsjail_dir != NSJAIL:
            flags += [f"--volume={nsjail_dir / part}:/opt/jobcell/{part}:ro" for part in ("seccomp", "jail.cfg")]
        command = f"exec /usr/bin/python3 -I -S /opt/jobcell/launcher --nsjail-dir /opt/jobcell --run-dir {run_dir}"
        command = f"{before}\n{command} --start {self.start_name} --isolation {self.isolation}"
        docker = [DOCKER, "run", "--rm", "-i", "--name", name, "--entrypoint=/bin/sh",
                  *flags, IMAGE, "-c", command]
        return Slot(docker, on_close=lambda: subprocess.run([DOCKER, "rm", "-f", name], capture_output=True))


class LandlockDriver(SingleDriver):
    """The same without the profile: Docker's own refuses namespaces."""

    name, profile, isolation = "landlock", [], "landlock"


DRIVERS = [ProcessDriver("process", "require"), ProcessDriver("sampling", "off"), OrdinaryUserDriver(), DockerDriver(),
           SingleDriver()]
COLD_DRIVERS = [ProcessDriver("process", "require", "cold"), ProcessDriver("sampling", "off", "cold"),
                OrdinaryUserDriver("cold"), DockerDriver("cold"), SingleDriver("cold")]
