"""What stands for a jail where there are no namespaces: one process, and a /tmp that is emptied after its job."""

import job_files
from jail import kill
from log import write_stderr
from start.forked_jail import ForkedJail


class LandlockJail(ForkedJail):
    def __init__(self, loop, pipes, family):
        super().__init__(loop, pipes, family)
        self._has_begun = False

    def begin(self):
        self._has_begun = True
        super().begin()

    def kill(self):
        if self._job_process is not None:
            kill(self._job_process)

    def _watch_end(self):
        self._check_gone()

    def _check_gone(self):
        """Where /tmp cannot be emptied, it is never gone: the slot is then spent, and no other job finds what lies there."""
        if self._on_gone is None or self._job_process is not None:
            return
        try:
            if self._has_begun:
                job_files.empty()
        except OSError as error:
            return write_stderr(f"supervisor: /tmp cannot be emptied: {error}\n".encode())
        self._gone()
