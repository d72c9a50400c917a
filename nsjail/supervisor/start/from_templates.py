"""What starts have in common whose job processes are forked by templates, ahead of any job."""

import machine
from log import write_stderr
from setup import setup_message
from start.kinds import KINDS, kind_for
from start.template import Template

STRAY_CHECK_SECONDS = 0.002
MAX_TRIES = 3
RETRY_SECONDS = 0.01  # in which the end of what failed is noticed


class FromTemplates:
    """Its own kind has `isolation`; `_preparation(template, on_ready, on_failure)`, which begins to make a jail;
    `_standing()`: pids that no jail depends on; `_close_all()`: ends what it has beside templates."""

    name, kinds_ahead = "warm", KINDS

    def __init__(self, loop, config, program, handed):
        """`handed`: the descriptors that every template has beside its setup."""
        self._loop = loop
        self._family = set()  # pids of the children that are ours to keep: nsjail, the templates, job processes
        self._proven, self.on_lost = False, None
        setup = setup_message({"rlimits": config.rlimits, "isolation": self.isolation}, program)
        self._templates = {
            kind: Template(kind, loop, config, setup, handed, self._family, self._lost) for kind in self.kinds_ahead
        }

    @property
    def settled(self):
        return not any(template.importing for template in self._templates.values())

    def kind_for(self, script):
        return kind_for(script)

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
        """Ends the templates, every jail, and what makes them."""
        self._close_all()
        for template in self._templates.values():
            template.close()
        self._end_strays(on_closed)

    def _try(self):
        self._tries += 1
        self._preparation(self._template, self._ready, self._failed)

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
        others = self._family - {*self._standing(), *(template.pid for template in self._templates.values())}
        if others:
            self._loop.later(RETRY_SECONDS, self._try)
        else:
            self.close(self._try)

    def _end_strays(self, then=None):
        """What was killed in the midst of making a jail may leave something behind."""
        if machine.end_strays(self._family):
            self._loop.later(STRAY_CHECK_SECONDS, lambda: self._end_strays(then))
        elif then is not None:
            then()
