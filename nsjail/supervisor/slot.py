"""The slot: opening → idle → preparing → running → clearing → waiting → idle … or spent.

One job at a time, each in a jail of its own. Where the start makes jails ahead, the next ones are made while the slot
waits, and beside a job that is not over at once."""

import signal
import sys
import time

import machine
import outcome
from ahead import JailsAhead
from evidence import Evidence
from frames import ProtocolError
from live_output import LiveOutput
from log import write_stderr
from packages import installed_packages
from run import Run

CLEARING_SECONDS = 2
CLEARING_CHECK_SECONDS = 0.002
# Beside a job that takes no longer than this, making the next jail would only slow it down.
AHEAD_SECONDS = 0.02


class Job:
    """A `run` message. `number` is the worker's, so that a `cancel` can never mean another job than this one."""

    def __init__(self, header, parts):
        self.number, self.kind = header.get("number"), header.get("kind")
        self.timeout_ms, self.memory_bytes = header.get("timeout_ms"), header.get("memory_bytes")
        self.script, self.input = parts.get("script"), parts.get("input")
        self.arrived = time.monotonic()
        self.warm, self.jail_ms = False, 0.0
        if header.get("type") != "run" or self.kind not in ("run", "check") or self.script is None:
            raise ProtocolError("expected a `run` message with a kind and a script")
        for name in ("number", "timeout_ms", "memory_bytes"):
            value = getattr(self, name)
            if type(value) is not int or value <= 0:
                raise ProtocolError(f"{name} must be a whole number above 0, not {value!r}")


class Slot:
    def __init__(self, loop, channel, starts, parts, memory, limits):
        """`starts`: kinds of start, each made of `parts`, in the order in which they are tried."""
        self._loop, self._channel, self._memory, self._limits = loop, channel, memory, limits
        self._starts, self._parts, self._start, self._fallback = list(starts), parts, None, None
        self._state, self._ahead = "opening", None
        self._job = self._run = self._jail = None
        self._beside = None  # the timer after which jails are made beside a job

    def open(self):
        """Makes one jail of each kind: proof that jails can be made, and the measure of what they need."""
        machine.on_signal(self._loop, signal.SIGTERM, lambda: self._close(None))
        self._channel.open(self._on_message, self._close)
        self._memory.measure_idle()
        self._try_start()

    def _try_start(self):
        try:
            self._start = self._starts.pop(0)(*self._parts)
        except OSError as error:
            return self._start_failed(str(error))
        self._start.on_lost = self._kind_lost
        self._ahead = JailsAhead(self._loop, self._start, self._have_all, self._cannot_make)
        if self._start.kinds_ahead:
            self._ahead.fill()
        else:
            self._ahead.get(b"", self._first_ready, self._start_failed)

    def _start_failed(self, reason):
        if not self._starts:
            return self._spend(f"no jail can be made: {reason}")
        self._fallback = reason
        if self._start is None:
            return self._try_start()
        self._ahead.pause()
        self._ahead.drop(self._start.kinds_ahead)
        self._start.close(self._try_start)

    def _first_ready(self, jail, _waited):
        self._memory.measure_jail(ahead=False)
        jail.when_gone(lambda _jail: self._opened())

    def _opened(self):
        self._state = "idle"
        self._channel.send({
            "type": "ready", "protocol": 2, "python": sys.version.split()[0], "packages": installed_packages(),
            "limits_enforced_by": self._memory.enforced_by, "isolation": self._start.isolation, "start": self._start.name,
            "fallback": self._fallback, "jail_ready": bool(self._start.kinds_ahead),
            "overhead_bytes": self._memory.overhead_bytes, "limits": self._limits.to_message(),
        })

    def _have_all(self):
        """Every kind of jail waits."""
        if self._state == "opening":
            self._memory.measure_jail(ahead=True)
            self._opened()
        elif self._state == "waiting":
            self._be_idle()

    def _cannot_make(self, reason):
        write_stderr(f"supervisor: no jail: {reason}\n".encode())
        if self._state == "opening":
            self._start_failed(reason)
        elif self._state in ("idle", "waiting"):
            self._spend("no jail can be made any more")
        # Else there is a job: when it has ended, it is tried again.

    def _kind_lost(self, kind):
        """The jails that wait share memory with what was lost, and so does the job, if it is of that kind."""
        if self._state in ("running", "clearing"):
            self._make_none_beside()
        self._ahead.drop([kind])

    def _on_message(self, header, parts):
        if header.get("type") == "cancel":
            return self._cancel(header.get("number"))
        if self._state != "idle":
            raise ProtocolError(f"a message while the slot is {self._state}")
        self._job, self._state = Job(header, parts), "preparing"
        self._memory.set_limit(self._job.memory_bytes)
        self._ahead.pause()
        self._ahead.get(self._job.script, self._begin, self._have_no_jail)

    def _cancel(self, number):
        """Whatever the job is at. One whose outcome is on its way to the worker is no job any more."""
        if self._job is None or self._job.number != number:
            return
        if self._run is not None:
            return self._run.cancel()
        self._ahead.withdraw()
        evidence = Evidence()
        evidence.cancelled = True
        self._answer(evidence, None, None)

    def _have_no_jail(self, reason):
        write_stderr(f"supervisor: no jail: {reason}\n".encode())
        evidence = Evidence()
        evidence.sandbox_failure = "The jail could not be made."
        self._answer(evidence, None, None)

    def _begin(self, jail, waited):
        job = self._job
        job.warm, job.jail_ms = waited, (time.monotonic() - job.arrived) * 1000
        if not waited:
            self._channel.send({"type": "started"})
        self._state, self._jail = "running", jail
        live = LiveOutput(self._loop, self._channel)
        self._run = Run(self._loop, jail, job, self._limits, self._memory, live, self._answer)
        self._run.start()
        self._beside = self._loop.later(AHEAD_SECONDS, self._ahead.fill)

    def _answer(self, evidence, stdout, stderr):
        self._send_outcome(outcome.decide(evidence, self._job, self._limits), evidence, stdout, stderr)
        self._job, self._run, self._state = None, None, "clearing"
        if self._beside is not None:
            self._beside.cancel()
        if evidence.memory_exceeded:
            self._make_none_beside()
            self._ahead.drop(self._start.kinds_ahead)
        self._patience = self._loop.later(CLEARING_SECONDS, self._lose_patience)
        if self._jail is not None:
            self._jail.when_gone(self._gone)
        else:
            self._wait_for_memory()

    def _make_none_beside(self):
        self._ahead.pause()
        if self._beside is not None:
            self._beside.cancel()

    def _send_outcome(self, outcome, evidence, stdout, stderr):
        parts = {} if outcome.result is None else {"result": outcome.result}
        parts["stdout"] = bytes(stdout.kept) if stdout else b""
        parts["stderr"] = bytes(stderr.kept) if stderr else b""
        self._channel.send({
            "type": "outcome", "status": outcome.status, "error": outcome.error,
            "stdout_truncated": bool(stdout and stdout.truncated), "stderr_truncated": bool(stderr and stderr.truncated),
            "run_ms": round(evidence.run_ms, 3), "cpu_ms": round(evidence.cpu_ms, 3),
            "peak_memory_bytes": evidence.peak_memory_bytes, "warm": self._job.warm,
            "jail_ms": round(self._job.jail_ms, 3),
        }, parts)

    def _gone(self, _jail):
        self._jail = None
        self._wait_for_memory()

    def _lose_patience(self):
        if self._jail is None and not self._start.settled:
            self._patience = self._loop.later(CLEARING_SECONDS, self._lose_patience)
        else:
            self._spend("the jail, or its memory, was not gone after 2 s")

    def _wait_for_memory(self):
        # A template that is just importing uses more and more: nothing can be told from the sum.
        if not self._start.settled or not self._memory.is_back():
            self._loop.later(CLEARING_CHECK_SECONDS, self._wait_for_memory)
            return
        self._patience.cancel()
        self._state = "waiting"
        self._ahead.drop(self._start.retire())
        self._ahead.fill()
        if self._state == "waiting" and self._ahead.full:
            self._be_idle()

    def _be_idle(self):
        self._state = "idle"
        self._channel.send({"type": "idle", "jail_ready": bool(self._start.kinds_ahead)})

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
