"""The jails that wait for their jobs: one of each kind that the start makes ahead. One is made at a time."""

from log import write_stderr

# A jail that has waited so long for its job is replaced by a fresh one.
RENEW_SECONDS = 60


class JailsAhead:
    def __init__(self, loop, start, on_full, on_failure):
        """`on_full()` is called when every kind has come to be there, `on_failure(reason)` when one cannot be made."""
        self._loop, self._start, self._on_full, self._on_failure = loop, start, on_full, on_failure
        self._waiting = {}  # kind to [jail, timer of its renewal]
        self._making, self._filling = False, False
        self._wanted = None  # (kind, on_jail, on_failure) of the job that has no jail yet

    @property
    def full(self):
        return all(kind in self._waiting for kind in self._start.kinds_ahead)

    def get(self, script, on_jail, on_failure):
        """Calls `on_jail(jail, waited)` with a jail for the script: at once where one waits, else when it is made."""
        kind = self._start.kind_for(script)
        if kind in self._waiting:
            return on_jail(self._take(kind), True)
        self._wanted = kind, on_jail, on_failure
        self._go_on()

    def withdraw(self):
        """The job that has no jail yet wants none any more."""
        self._wanted = None

    def fill(self):
        """From now on makes the kinds that are missing."""
        self._filling = True
        self._go_on()

    def pause(self):
        """Makes none beside a job, but ends what it has begun."""
        self._filling = False

    def drop(self, kinds):
        """Ends those of these kinds that wait, for whatever reason: they are made again."""
        for kind in kinds:
            if kind in self._waiting:
                self._take(kind).when_gone(lambda _jail: self._go_on())

    def _go_on(self):
        if self._making:
            return
        if self._wanted:
            return self._make(self._wanted[0])
        if not self._filling:
            return
        for kind in self._start.kinds_ahead:
            if kind not in self._waiting:
                return self._make(kind)

    def _make(self, kind):
        self._making = True
        self._start.prepare(kind, lambda jail: self._made(kind, jail), lambda reason: self._failed(kind, reason))

    def _made(self, kind, jail):
        if self._wanted and self._wanted[0] == kind:
            (_, on_jail, _), self._wanted = self._wanted, None
            self._making = False
            return on_jail(jail, False)
        if kind not in self._start.kinds_ahead:
            return jail.when_gone(lambda _jail: self._unmade())  # its job was withdrawn
        self._making = False
        timer = self._loop.later(RENEW_SECONDS, lambda: self._renew(kind))
        self._waiting[kind] = jail, timer
        jail.on_end(lambda _end: self._lost(kind))
        self._go_on()
        if self._filling and not self._making:
            self._on_full()

    def _unmade(self):
        self._making = False
        self._go_on()

    def _failed(self, kind, reason):
        self._making = False
        if not self._wanted:
            return self._on_failure(reason)
        if self._wanted[0] != kind:
            return self._go_on()  # a job waits, for another kind
        (_, _, on_failure), self._wanted = self._wanted, None
        on_failure(reason)

    def _take(self, kind):
        jail, timer = self._waiting.pop(kind)
        timer.cancel()
        jail.on_end(None)
        return jail

    def _lost(self, kind):
        write_stderr(b"supervisor: a jail ended while it waited for a job\n")
        self.drop([kind])

    def _renew(self, kind):
        if self._filling:
            self.drop([kind])
