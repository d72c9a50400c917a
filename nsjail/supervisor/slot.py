"""The slot: opening → idle → preparing → running → clearing → idle … or spent. One job at a time, each in a jail of its own."""

import signal
import sys

import machine
import outcome
from evidence import Evidence
from frames import ProtocolError
from log import write_stderr
from packages import installed_packages
from run import Run

CLEARING_SECONDS = 2
CLEARING_CHECK_SECONDS = 0.005


class Job:
    """A `run` message."""

    def __init__(self, header, parts):
        self.kind, self.timeout_ms, self.memory_bytes = header.get("kind"), header.get("timeout_ms"), header.get("memory_bytes")
        self.script, self.input = parts.get("script"), parts.get("input")
        if header.get("type") != "run" or self.kind not in ("run", "check") or self.script is None:
            raise ProtocolError("expected a `run` message with a kind and a script")
        for name in ("timeout_ms", "memory_bytes"):
            value = getattr(self, name)
            if type(value) is not int or value <= 0:
                raise ProtocolError(f"{name} must be a whole number above 0, not {value!r}")


class Slot:
    def __init__(self, loop, channel, start, memory, limits):
        self._loop, self._channel, self._start, self._memory, self._limits = loop, channel, start, memory, limits
        self._state, self._job, self._jail = "opening", None, None

    def open(self):
        """Makes one jail and throws it away: proof that jails can be made, and the measure of what one needs."""
        machine.on_signal(self._loop, signal.SIGTERM, lambda: self._close(None))
        self._channel.open(self._on_message, self._close)
        self._memory.measure_idle()
        self._jail = self._start.prepare({}, self._first_ready, self._first_failed)

    def _first_ready(self, jail):
        self._memory.measure_jail(jail)
        jail.when_gone(self._opened)

    def _first_failed(self, jail, reason):
        self._spend(f"no jail can be made: {reason}: {jail.log.words()}")

    def _opened(self, _jail):
        self._state = "idle"
        self._channel.send({
            "type": "ready", "protocol": 1, "python": sys.version.split()[0], "packages": installed_packages(),
            "limits_enforced_by": self._memory.enforced_by, "isolation": "nsjail",
            "overhead_bytes": self._memory.overhead_bytes, "limits": self._limits.to_message(),
        })

    def _on_message(self, header, parts):
        if self._state != "idle":
            raise ProtocolError(f"a message while the slot is {self._state}")
        self._job, self._state = Job(header, parts), "preparing"
        self._memory.set_limit(self._job.memory_bytes)
        rlimits = self._memory.rlimits(self._job.memory_bytes)
        self._jail = self._start.prepare(rlimits, self._ready, self._not_ready)

    def _ready(self, jail):
        self._state = "running"
        Run(self._loop, jail, self._job, self._limits, self._memory, self._answer).start()

    def _not_ready(self, jail, reason):
        evidence = Evidence()
        evidence.sandbox_failure = "The jail could not be made."
        write_stderr(f"supervisor: no jail: {reason}: {jail.log.words()}\n".encode())
        self._answer(evidence, None, None)

    def _answer(self, evidence, stdout, stderr):
        self._send_outcome(outcome.decide(evidence, self._job, self._limits), evidence, stdout, stderr)
        self._job, self._state, self._lost = None, "clearing", evidence.sandbox_failure is not None
        self._give_up = self._loop.later(CLEARING_SECONDS, lambda: self._spend("the jail was not gone after 2 s"))
        self._jail.when_gone(self._gone)

    def _send_outcome(self, outcome, evidence, stdout, stderr):
        parts = {} if outcome.result is None else {"result": outcome.result}
        parts["stdout"] = bytes(stdout.kept) if stdout else b""
        parts["stderr"] = bytes(stderr.kept) if stderr else b""
        self._channel.send({
            "type": "outcome", "status": outcome.status, "error": outcome.error,
            "stdout_truncated": bool(stdout and stdout.truncated), "stderr_truncated": bool(stderr and stderr.truncated),
            "run_ms": round(evidence.run_ms, 3), "cpu_ms": round(evidence.cpu_ms, 3),
            "peak_memory_bytes": evidence.peak_memory_bytes, "warm": self._start.warm,
            "phases": {"prepare_ms": round(self._jail.prepare_ms, 3)},
        }, parts)

    def _gone(self, jail):
        self._jail = None
        if self._lost:
            write_stderr(f"supervisor: a jail was lost; nsjail's wait status is {jail.nsjail_status}\n".encode())
        self._wait_for_memory()

    def _wait_for_memory(self):
        if not self._memory.is_back():
            self._loop.later(CLEARING_CHECK_SECONDS, self._wait_for_memory)
            return
        self._give_up.cancel()
        self._state = "idle"
        self._channel.send({"type": "idle"})

    def _spend(self, reason):
        self._channel.send({"type": "spent", "reason": reason})
        self._channel.flush()
        self._close(reason)

    def _close(self, reason):
        """The end: at the end of stdin, on SIGTERM, or because the slot cannot go on. The jail dies with its parent."""
        if reason is not None:
            write_stderr(f"supervisor: {reason}\n".encode())
        if self._jail is not None:
            self._jail.kill()
        self._loop.stop(0 if reason is None else 1)
