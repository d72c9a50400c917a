"""The warm start: nsjail makes a jail with a holder in it, a template forks a job process into that. Ahead of any job."""

from jail import Pipes
from start.from_templates import FromTemplates
from start.jailer import Jailer
from start.preparation import Preparation
from start.user_namespace import open_user_namespace
from start.warm_jail import WarmJail

HOLDER_IS_THERE = b"\1"


class WarmStart(FromTemplates):
    isolation = "nsjail"

    def __init__(self, loop, home, config, program):
        user_namespace = open_user_namespace()
        super().__init__(loop, config, program, [user_namespace])
        self._jailer = Jailer(loop, home, config, user_namespace, self._family, self._end_strays)

    def _preparation(self, template, on_ready, on_failure):
        JailPreparation(self._loop, self._jailer, template, self._family, on_ready, on_failure).begin()

    def _standing(self):
        return [self._jailer.pid]

    def _close_all(self):
        self._jailer.close()


class JailPreparation(Preparation):
    """Template, connection, holder, fork, lock-down."""

    def __init__(self, loop, jailer, template, family, on_ready, on_failure):
        super().__init__(loop, template, on_ready, on_failure)
        self._jailer, self._family, self._connection = jailer, family, None

    def _make_place(self):
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
        jail = WarmJail(self._loop, pipes, self._connection, *holder, self._family)
        self._fork(jail, [jail.holder], pipes)

    def _drop_place(self):
        if self._connection is not None:
            self._loop.unwatch(self._connection.fileno())
            self._connection.close()
