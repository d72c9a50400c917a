"""One job in a prepared jail: hands it over, collects what comes out, and ends with evidence."""

import json
import os
import struct
import time

from evidence import Evidence
from loop import WRITE
from streams import Output, ResultFrame, read_some

SAMPLE_SECONDS = 0.02


class Run:
    def __init__(self, loop, jail, job, limits, memory, live, on_end):
        """`on_end(evidence, stdout, stderr)` is called once; the jail is then still there, and must be killed."""
        self._loop, self._jail, self._job, self._memory, self._on_end = loop, jail, job, memory, on_end
        self._live = live
        self.evidence = Evidence()
        self._frame = ResultFrame(limits.result_bytes)
        self._stdout = Output("stdout", jail.stdout, limits.stdout_bytes)
        self._stderr = Output("stderr", jail.stderr, limits.stderr_bytes)
        self._unsent = memoryview(take_message(job, memory.take(jail)))
        self._timers = []

    def start(self):
        loop, jail = self._loop, self._jail
        jail.begin()
        self._memory.begin()
        self._began = time.monotonic()
        for output in (self._stdout, self._stderr):
            loop.watch(output.fd, lambda output=output: self._take_output(output))
        loop.watch(jail.result, self._take_result)
        jail.on_end(self._job_process_ended)
        self._timers = [loop.later(self._job.timeout_ms / 1000, self._deadline), loop.later(SAMPLE_SECONDS, self._sample)]
        self._live.begin((self._stdout, self._stderr))
        self._send()
        if self._unsent:
            loop.watch(jail.job, self._send, WRITE)

    def cancel(self):
        self._drain_result()
        self.evidence.cancelled = self.evidence.frame is None
        self._end()

    def _send(self):
        try:
            while self._unsent:
                self._unsent = self._unsent[os.write(self._jail.job, self._unsent) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            pass  # the job process has ended: its wait status says how
        self._unsent = b""
        self._loop.unwatch(self._jail.job)

    def _take_output(self, output):
        if output.read() is None:
            self._loop.unwatch(output.fd)
        if output.over_limit:
            self.evidence.output_exceeded = output.name
            self._end()

    def _take_result(self):
        data = read_some(self._jail.result)
        if data is None:
            return self._loop.unwatch(self._jail.result)
        self._frame.feed(data)
        if self._frame.problem:
            self.evidence.frame_problem = self._frame.problem
            self._end()
        elif self._frame.whole:
            self._have_frame()
            self._end()

    def _have_frame(self):
        """The answer is there, and what was printed before it is in the pipes. A script that goes on gets no time for it."""
        self.evidence.frame = self._frame.take_parts()
        self._stop_clock()
        self._drain()

    def _job_process_ended(self, end):
        if end.lost:
            self.evidence.sandbox_failure = end.lost
        else:
            self.evidence.wait_status, self.evidence.cpu_ms = end.status, end.cpu_ms
        self._drain_result()
        self._end()

    def _deadline(self):
        self._drain_result()
        self.evidence.deadline_passed = self.evidence.frame is None
        self._end()

    def _drain_result(self):
        """A whole frame that lies in the pipe counts, whoever comes first."""
        while self.evidence.frame is None and not self._frame.problem:
            data = read_some(self._jail.result)
            if not data:
                return
            self._frame.feed(data)
            if self._frame.whole:
                self._have_frame()
        self.evidence.frame_problem = self._frame.problem

    def _sample(self):
        self.evidence.memory_exceeded = self._memory.exceeded()
        if self.evidence.memory_exceeded:
            return self._end()
        self._jail.cpu_ms()  # kept by the jail for when its process is killed
        self._timers = [timer for timer in self._timers if timer.callback]
        self._timers.append(self._loop.later(SAMPLE_SECONDS, self._sample))

    def _stop_clock(self):
        self.evidence.run_ms = (time.monotonic() - self._began) * 1000

    def _drain(self):
        for output in (self._stdout, self._stderr):
            output.drain()
            if output.over_limit:
                self.evidence.output_exceeded = self.evidence.output_exceeded or output.name

    def _end(self):
        if self._on_end is None:
            return
        on_end, self._on_end = self._on_end, None
        evidence = self.evidence
        if evidence.frame is None:
            self._stop_clock()
        evidence.memory_exceeded = evidence.memory_exceeded or self._memory.exceeded()
        if evidence.wait_status is None:
            evidence.cpu_ms = self._jail.cpu_ms()
        if evidence.memory_exceeded:
            self._jail.kill()  # before anything else allocates
        evidence.peak_memory_bytes = self._memory.peak_bytes()
        if evidence.frame is None:
            self._drain()
        self._stop_watching()
        on_end(evidence, self._stdout, self._stderr)

    def _stop_watching(self):
        jail = self._jail
        self._live.end()
        for timer in self._timers:
            timer.cancel()
        for fd in (jail.job, jail.result, jail.stdout, jail.stderr):
            self._loop.unwatch(fd)
        jail.on_end(None)


def take_message(job, rlimits):
    """u32be header bytes, header, script, input: what the job process reads once it is locked down.

    The job is rid of both: while it runs, memory is for the script."""
    header = {"kind": job.kind, "script": len(job.script), "input": None if job.input is None else len(job.input), "rlimits": rlimits}
    text = json.dumps(header).encode()
    message = b"".join((struct.pack(">I", len(text)), text, job.script, job.input or b""))
    job.script = job.input = None
    return message
