"""The start where the machine refuses namespaces: a template forks a job process that has Landlock and a filter, no jail."""

import job_files
from jail import Pipes
from start.from_templates import FromTemplates
from start.landlock_jail import LandlockJail
from start.preparation import Preparation


class LandlockStart(FromTemplates):
    isolation = "landlock"

    def __init__(self, loop, _home, config, program):
        job_files.empty()  # what a slot before this one may have left
        super().__init__(loop, config, program, [])

    def _preparation(self, template, on_ready, on_failure):
        LandlockPreparation(self._loop, template, self._family, on_ready, on_failure).begin()

    def _standing(self):
        return []

    def _close_all(self):
        pass


class LandlockPreparation(Preparation):
    """Template, fork, lock-down."""

    def __init__(self, loop, template, family, on_ready, on_failure):
        super().__init__(loop, template, on_ready, on_failure)
        self._family = family

    def _make_place(self):
        pipes = Pipes()
        self._fork(LandlockJail(self._loop, pipes, self._family), [], pipes)

    def _drop_place(self):
        pass
