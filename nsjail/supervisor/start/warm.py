"""The warm start: nsjail makes a jail with a holder in it, a template forks a job process into that. Ahead of any job."""

import os

import machine
from jail import Pipes
from log import write_stderr
from setup import setup_message
from start.jailer import Jailer
from start.template import Template
from start.user_namespace import open_user_namespace
from start.warm_jail import WarmJail
from streams import read_some

PREPARE_SECONDS = 10
HOLDER_IS_THERE = b"\1"
STRAY_CHECK_SECONDS = 0.002
MAX_TRIES = 3
RETRY_SECONDS = 0.01  # in which the end of what failed is noticed
# What only the full template has imported (runner/warm_up.py). A script that names none of them is quicker without: its
# process is smaller by half.
LARGE_LIBRARIES = (b"pandas", b"numpy", b"asyncio", b"async def")


class WarmStart:
    name, kinds_ahead = "warm", ("plain", "full")

    def __init__(self, loop, home, config, program):
        self._loop = loop
        self._family = set()  # pids of the children that are ours to keep: nsjail, the template, job processes
        self._proven, self.on_lost = False, None
        user_namespace = open_user_namespace()
        setup = setup_message({"rlimits": config.rlimits}, program)
        self._jailer = Jailer(loop, home, config, user_namespace, self._family, self._end_strays)
        self._templates = {
            kind: Template(kind, loop, config, setup, user_namespace, self._family, self._lost)
            for kind in self.kinds_ahead
        }

    @property
    def settled(self):
        return not any(template.importing for template in self._templates.values())

    def kind_for(self, script):
        """The template that has what the script imports. Its bytes are looked through, not understood."""
        return "full" if any(name in script for name in LARGE_LIBRARIES) else "plain"

    def prepare(self, kind, on_ready, on_failure):
        self._template = self._templates[kind]
        self._on_ready, self._on_failure, self._tries = on_ready, on_failure, 0
        self._try()

    def retire(self):
        """The jails of a template share its memory and keep it: they go with it, or the slot would hold it twice."""
        spent = [kind for kind, template in self._templates.items() if template.spent]
        for kind in spent:
            self._templates[kind].close()
        return spent

    def close(self, on_closed):
        """Ends nsjail, the template and every jail."""
        self._jailer.close()
        for template in self._templates.values():
            template.close()
        self._end_strays(on_closed)

    def _try(self):
        self._tries += 1
        Preparation(self._loop, self._jailer, self._template, self._family, self._ready, self._failed)

    def _ready(self, jail):
        self._proven = True
        self._on_ready(jail)

    def _lost(self, kind):
        if self.on_lost:
            self.on_lost(kind)

    def _failed(self, reason):
        """What has ended is started anew by the next try; where no other jail depends on it, all of it is."""
        write_stderr(f"supervisor: {reason}\n".encode())
        if not self._proven or self._tries == MAX_TRIES:
            return self._on_failure(reason)
        others = self._family - {self._jailer.pid, *(template.pid for template in self._templates.values())}
        if others:
            self._loop.later(RETRY_SECONDS, self._try)
        else:
            self.close(self._try)

    def _end_strays(self, then=None):
        """What nsjail leaves behind when it is killed in the midst of making a jail."""
        if machine.end_strays(self._family):
            self._loop.later(STRAY_CHECK_SECONDS, lambda: self._end_strays(then))
        elif then is not None:
            then()


class Preparation:
    """One jail, step by step: template, connection, holder, fork, lock-down. A failure is told when nothing is left."""

    def __init__(self, loop, jailer, template, family, on_ready, on_failure):
        self._loop, self._jailer, self._template, self._family = loop, jailer, template, family
        self._on_ready, self._on_failure = on_ready, on_failure
        self._jail = self._connection = self._forked_by = None
        self._awaited = "the template"
        self._timer = loop.later(PREPARE_SECONDS, lambda: self._fail(f"{self._awaited} was awaited for {PREPARE_SECONDS} s"))
        template.when_ready(self._template_ready, self._fail)

    def _template_ready(self):
        self._awaited = "nsjail"
        self._jailer.connect(self._connected, self._fail)

    def _connected(self, connection):
        self._connection, self._awaited = connection, "the jail's first process"
        self._loop.watch(connection.fileno(), self._holder_speaks)

    def _holder_speaks(self):
        self._loop.unwatch(self._connection.fileno())
        try:
            said = self._connection.recv(len(HOLDER_IS_THERE))
        except OSError:
            said = b""
        if said != HOLDER_IS_THERE:
            return self._fail(f"its first process did not start: {self._jailer.words()}")
        try:
            holder = self._jailer.newest_holder()
        except ProcessLookupError as error:
            return self._fail(f"its first process is gone: {error}")
        pipes = Pipes()
        self._jail = WarmJail(self._loop, pipes, self._connection, *holder, self._family)
        self._awaited = "the job process"
        self._template.fork(self._jail.holder, pipes.inside, self._forked, self._fail)
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
            if self._connection is not None:
                self._loop.unwatch(self._connection.fileno())
                self._connection.close()
            return on_failure(reason)
        self._jail.on_end(None)
        self._loop.unwatch(self._jail.result)
        write_stderr(read_some(self._jail.stderr) or b"")  # the runner's own words: no byte of a user is in the jail yet
        self._jail.when_gone(lambda _: on_failure(reason))
