"""The slot: opening → idle → preparing → running → clearing → waiting → idle … or spent.

One job at a time, each in a jail of its own. Where the start can make jails ahead, the next one is made while the slot
waits, and beside a job that is not over at once."""

import signal
import sys
import time

import machine
import outcome
from evidence import Evidence
from frames import ProtocolError
from log import write_stderr
from packages import installed_packages
from run import Run

CLEARING_SECONDS = 2
CLEARING_CHECK_SECONDS = 0.002
# Beside a job that takes no longer than this, making the next jail would only slow it down.
AHEAD_SECONDS = 0.02
# A jail that has waited so long for its job is replaced by a fresh one.
RENEW_SECONDS = 60


class Job:
    """A `run` message."""

    def __init__(self, header, parts):
        self.kind, self.timeout_ms, self.memory_bytes = header.get("kind"), header.get("timeout_ms"), header.get("memory_bytes")
        self.script, self.input = parts.get("script"), parts.get("input")
        self.arrived = time.monotonic()
        self.warm, self.prepare_ms = False, 0.0
        if header.get("type") != "run" or self.kind not in ("run", "check") or self.script is None:
            raise ProtocolError("expected a `run` message with a kind and a script")
        for name in ("timeout_ms", "memory_bytes"):
            value = getattr(self, name)
            if type(value) is not int or value <= 0:
                raise ProtocolError(f"{name} must be a whole number above 0, not {value!r}")


class Slot:
    def __init__(self, loop, channel, starts, parts, memory, limits):
        """`starts`: kinds of start, each made of `parts`, in the order in which they are tried."""
        self._loop, self._channel, self._memory, self._limits = loop, channel, memory, limits
        self._starts, self._parts, self._start, self._fallback = list(starts), parts, None, None
        self._state, self._job, self._jail = "opening", None, None
        self._next, self._preparing, self._timer = None, False, None

    def open(self):
        """Makes one jail: proof that jails can be made, and the measure of what one needs."""
        machine.on_signal(self._loop, signal.SIGTERM, lambda: self._close(None))
        self._channel.open(self._on_message, self._close)
        self._memory.measure_idle()
        self._try_start()

    def _try_start(self):
        try:
            self._start = self._starts.pop(0)(*self._parts)
        except OSError as error:
            return self._start_failed(str(error))
        self._start.prepare(self._first_ready, self._start_failed)

    def _start_failed(self, reason):
        if not self._starts:
            return self._spend(f"no jail can be made: {reason}")
        self._fallback = reason
        if self._start is None:
            self._try_start()
        else:
            self._start.close(self._try_start)

    def _first_ready(self, jail):
        self._memory.measure_jail(self._start.ahead)
        if self._start.ahead:
            self._have_next(jail)
            self._opened(jail)
        else:
            jail.when_gone(self._opened)

    def _opened(self, _jail):
        self._state = "idle"
        self._channel.send({
            "type": "ready", "protocol": 1, "python": sys.version.split()[0], "packages": installed_packages(),
            "limits_enforced_by": self._memory.enforced_by, "isolation": "nsjail", "start": self._start.name,
            "fallback": self._fallback, "jail_ready": self._next is not None,
            "overhead_bytes": self._memory.overhead_bytes, "limits": self._limits.to_message(),
        })

    def _on_message(self, header, parts):
        if self._state != "idle":
            raise ProtocolError(f"a message while the slot is {self._state}")
        self._job, self._state = Job(header, parts), "preparing"
        self._memory.set_limit(self._job.memory_bytes)
        if self._next is not None:
            self._job.warm = True
            self._run(self._take_next())
        elif not self._preparing:
            self._prepare()

    def _prepare(self):
        self._preparing = True
        self._start.prepare(self._prepared, self._not_prepared)

    def _prepared(self, jail):
        self._preparing = False
        if self._state == "preparing":
            self._channel.send({"type": "started"})
            return self._run(jail)
        self._have_next(jail)
        if self._state == "waiting":
            self._be_idle()

    def _not_prepared(self, reason):
        self._preparing = False
        write_stderr(f"supervisor: no jail: {reason}\n".encode())
        if self._state == "preparing":
            evidence = Evidence()
            evidence.sandbox_failure = "The jail could not be made."
            self._answer(evidence, None, None)
        elif self._state in ("idle", "waiting"):
            self._spend("no jail can be made any more")

    def _have_next(self, jail):
        self._next = jail
        jail.on_end(lambda _end: self._next_lost())
        self._timer = self._loop.later(RENEW_SECONDS, self._renew)

    def _take_next(self):
        jail, self._next = self._next, None
        self._timer.cancel()
        jail.on_end(None)
        return jail

    def _next_lost(self):
        write_stderr(b"supervisor: a jail ended while it waited for a job\n")
        self._drop_next(self._state in ("idle", "waiting"))

    def _renew(self):
        if self._state == "idle":
            self._drop_next(True)

    def _drop_next(self, make_another):
        if self._next is None:
            return
        self._preparing = make_another
        self._take_next().when_gone(lambda _jail: make_another and self._prepare())

    def _run(self, jail):
        self._state, self._jail = "running", jail
        self._job.prepare_ms = (time.monotonic() - self._job.arrived) * 1000
        Run(self._loop, jail, self._job, self._limits, self._memory, self._answer).start()
        if self._start.ahead and self._state == "running":
            self._timer = self._loop.later(AHEAD_SECONDS, self._prepare_beside)

    def _prepare_beside(self):
        if not self._preparing:
            self._prepare()

    def _answer(self, evidence, stdout, stderr):
        self._send_outcome(outcome.decide(evidence, self._job, self._limits), evidence, stdout, stderr)
        self._job, self._state = None, "clearing"
        if self._next is None and self._timer is not None:
            self._timer.cancel()
        if evidence.memory_exceeded:
            self._drop_next(False)
        self._give_up = self._loop.later(CLEARING_SECONDS, lambda: self._spend("the jail was not gone after 2 s"))
        if self._jail is not None:
            self._jail.when_gone(self._gone)
        else:
            self._wait_for_memory()

    def _send_outcome(self, outcome, evidence, stdout, stderr):
        parts = {} if outcome.result is None else {"result": outcome.result}
        parts["stdout"] = bytes(stdout.kept) if stdout else b""
        parts["stderr"] = bytes(stderr.kept) if stderr else b""
        self._channel.send({
            "type": "outcome", "status": outcome.status, "error": outcome.error,
            "stdout_truncated": bool(stdout and stdout.truncated), "stderr_truncated": bool(stderr and stderr.truncated),
            "run_ms": round(evidence.run_ms, 3), "cpu_ms": round(evidence.cpu_ms, 3),
            "peak_memory_bytes": evidence.peak_memory_bytes, "warm": self._job.warm,
            "phases": {"prepare_ms": round(self._job.prepare_ms, 3)},
        }, parts)

    def _gone(self, _jail):
        self._jail = None
        self._wait_for_memory()

    def _wait_for_memory(self):
        if not self._memory.is_back():
            self._loop.later(CLEARING_CHECK_SECONDS, self._wait_for_memory)
            return
        self._give_up.cancel()
        if not self._start.ahead or self._next is not None:
            return self._be_idle()
        self._state = "waiting"
        if not self._preparing:
            self._prepare()

    def _be_idle(self):
        self._state = "idle"
        self._channel.send({"type": "idle", "jail_ready": self._next is not None})

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
