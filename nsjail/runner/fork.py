"""A fork whose child is the supervisor's, not ours: its wait status is then evidence at first hand.

`os.fork` cannot do that, so this is libc's and Python's own fork step by step, with CLONE_PARENT. There must be no
second thread.
"""

import posix

import _ctypes

from . import libc
from .run import BROKEN

CLONE_PARENT = 0x00008000
CLONE_CHILD_CLEARTID = 0x00200000
CLONE_CHILD_SETTID = 0x01000000
SIGCHLD = 17
FLAGS = CLONE_PARENT | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD
PR_GET_TID_ADDRESS = 40
# By architecture: the numbers of clone, get_robust_list and set_robust_list, and where clone takes the tid's address.
CALLS = {"x86_64": (56, 274, 273, 3), "aarch64": (220, 100, 99, 4)}


class Fork:
    """Asks once what libc keeps for its own fork."""

    def __init__(self):
        self._clone, self._get_robust_list, self._set_robust_list, tid_argument = CALLS[posix.uname().machine]
        # libc believes its own copy of a thread's id (in locks, for one): the kernel writes the child's over it.
        tid_address = libc.read_word(lambda place: libc.call(b"prctl", PR_GET_TID_ADDRESS, place, 0, 0, 0))
        self._arguments = [FLAGS, 0, 0, 0, 0]
        self._arguments[tid_argument] = tid_address
        self._robust_list = self._read_robust_list()
        self._before, self._in_parent, self._in_child = map(
            _python_function, ("PyOS_BeforeFork", "PyOS_AfterFork_Parent", "PyOS_AfterFork_Child")
        )
        self.pages = None  # a Pages: what a child copies before it does anything else

    def __call__(self):
        """0 in the child; its pid, as this process sees it, in the parent."""
        self._before()
        pid = libc.ask(b"syscall", self._clone, *self._arguments)
        if pid == 0:
            self._become_child()
            return 0
        number = _ctypes.get_errno()
        self._in_parent()
        if pid < 0:
            raise OSError(number, "clone failed")
        return pid

    def rehearse(self):
        """What Python does in a child, here, where it changes nothing: there is one thread, and no lock is held."""
        self._before()
        self._in_child()

    def _become_child(self):
        try:
            if self.pages:
                self.pages.copy()
            libc.call(b"syscall", self._set_robust_list, *self._robust_list)
            self._in_child()
        except BaseException:
            posix._exit(BROKEN)  # it must not go on as a second template

    def _read_robust_list(self):
        length = [0]

        def ask(head):
            length[0] = libc.read_word(lambda size: libc.call(b"syscall", self._get_robust_list, 0, head, size))

        return libc.read_word(ask), length[0]


class _Void(_ctypes.CFuncPtr):
    """Called with the interpreter's lock held."""

    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_PYTHONAPI
    _restype_ = None


def _python_function(name):
    return _Void(_ctypes.dlsym(_ctypes.dlopen(None, 0), name))
