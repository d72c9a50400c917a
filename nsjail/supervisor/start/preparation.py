"""One jail whose job process a template forks, step by step. A failure is told when nothing is left."""

import os

from log import write_stderr
from streams import read_some

PREPARE_SECONDS = 10


class Preparation:
    """A kind of its own has `_make_place()`, which ends in `_fork(jail, place)`: what is there before the fork; and
    `_drop_place()`, where a failure leaves that without a jail."""

    def __init__(self, loop, template, on_ready, on_failure):
        self._loop, self._template = loop, template
        self._on_ready, self._on_failure = on_ready, on_failure
        self._jail = self._forked_by = None
        self._awaited = "the template"
        self._timer = loop.later(PREPARE_SECONDS, lambda: self._fail(f"{self._awaited} was awaited for {PREPARE_SECONDS} s"))

    def begin(self):
        self._template.when_ready(self._make_place, self._fail)

    def _fork(self, jail, place, pipes):
        self._jail, self._awaited = jail, "the job process"
        self._template.fork(place, pipes.inside, self._forked, self._fail)
        pipes.close_inside()

    def _forked(self, pid):
        self._forked_by = self._template.pid
        try:
            self._jail.has_job_process(pid)
        except ProcessLookupError:
            return self._fail("its job process is gone already")
        except OSError as error:
            return self._fail(f"its job process cannot be confined to one core: {error}")
        self._jail.on_end(lambda _: self._fail("its job process ended before it was ready"))
        self._loop.watch(self._jail.result, self._job_process_speaks)

    def _job_process_speaks(self):
        self._loop.unwatch(self._jail.result)
        if os.read(self._jail.result, 1) != b"R":
            return self._fail("its job process could not be locked down")
        if self._template.pid != self._forked_by:
            return self._fail("its template has ended meanwhile, whose memory it would keep beside the next one's")
        self._timer.cancel()
        self._jail.on_end(None)
        self._jail.is_ready()
        self._on_ready(self._jail)

    def _fail(self, reason):
        if self._on_failure is None:
            return
        on_failure, self._on_failure = self._on_failure, None
        self._timer.cancel()
        if self._jail is None:
            self._drop_place()
            return on_failure(reason)
        self._jail.on_end(None)
        self._loop.unwatch(self._jail.result)
        write_stderr(read_some(self._jail.stderr) or b"")  # the runner's own words: no byte of a user is in the jail yet
        self._jail.when_gone(lambda _: on_failure(reason))
