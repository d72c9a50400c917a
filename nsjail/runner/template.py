"""The template: imports once what many jobs use, and forks a job process for each jail.

It sees no byte of a job: all it is told is to fork, with the descriptors of the child. What a job reads and writes goes
between the supervisor and the child.
"""

import gc
import posix
import sys

import _socket

from . import frames, landlock, libc, lockdown
from .frames import JOB, RESULT
from .run import do_the_job

CONTROL = 3
SETUP = JOB
USER_NAMESPACE = 5
# Of every job process, in its jail.
JOB_PROCESS = 2
# In the order in which the supervisor sends them, after the jail's pidfd where there are jails.
SENT = (1, 2, JOB, RESULT)
DESCRIPTOR_BYTES = 4


def serve(kind):
    setup = frames.read_setup()
    posix.close(SETUP)
    control = _socket.socket(fileno=CONTROL)
    try:
        place = PLACES[setup.isolation](setup)
        fork = _prepare(kind, setup)
    except Exception as error:
        _say_error(control, error)
        posix._exit(1)
    control.send(b'{"ready": true}')
    while request := _receive(control):
        _fork(request, fork, place, control)


def _prepare(kind, setup):
    """Everything that is the same for all jobs, once. Returns how to fork."""
    from .fork import Fork
    from .pages import Pages, collapse
    from .reseed import reseed
    from .warm_up import REHEARSALS, rehearse_what_most_do, warm_up

    fork = Fork()
    warm_up(kind)
    lockdown.inherit_rlimits(setup)
    for _ in range(REHEARSALS):
        fork.rehearse()
        reseed()
    _check_alone()
    gc.collect()
    gc.freeze()  # else each job's first collection would copy all of it
    collapse()
    fork.pages = Pages(lambda: (reseed(), rehearse_what_most_do(kind)))
    return fork


def _check_alone():
    if len(posix.listdir("/proc/self/task")) != 1:
        raise RuntimeError("a library has started a thread, which a fork would lose")
    if posix.getpid() <= JOB_PROCESS:
        raise RuntimeError("libraries that notice a fork by the pid would miss it: the template has a job process' pid")


def _receive(control):
    """The descriptors of one request; nothing once the supervisor has ended."""
    room = _socket.CMSG_SPACE(DESCRIPTOR_BYTES * (1 + len(SENT)))
    packet, messages, _, _ = control.recvmsg(16, room, _socket.MSG_CMSG_CLOEXEC)
    return [
        int.from_bytes(data[at : at + DESCRIPTOR_BYTES], sys.byteorder)
        for _, _, data in messages
        for at in range(0, len(data), DESCRIPTOR_BYTES)
    ] if packet else []


class _IntoJail:
    """Forks into the jail whose pidfd comes first in the request."""

    def __init__(self, setup):
        self._setup = setup
        libc.setns(USER_NAMESPACE, libc.CLONE_NEWUSER)
        posix.close(USER_NAMESPACE)

    def before(self, request):
        # For the next fork. It need not, and cannot, be set back: any later jail's is still a descendant.
        libc.setns(request[0], libc.CLONE_NEWPID)

    def enter(self, request):
        jail, *descriptors = request
        lockdown.enter(self._setup, jail, dict(zip(SENT, descriptors)))


class _BehindLandlock:
    """Forks beside itself: there are no jails."""

    def __init__(self, setup):
        self._setup, self._ruleset, self._supervisor = setup, landlock.make_ruleset(), posix.getppid()

    def before(self, request):
        pass

    def enter(self, request):
        landlock.enter(self._setup, self._ruleset, self._supervisor, dict(zip(SENT, request)))


PLACES = {"nsjail": _IntoJail, "landlock": _BehindLandlock}


def _fork(request, fork, place, control):
    try:
        place.before(request)
        pid = fork()
        if pid == 0:
            do_the_job(lambda: place.enter(request))
        control.send(b'{"pid": %d}' % pid)
    except OSError as error:
        _say_error(control, error)
    for descriptor in request:
        posix.close(descriptor)


def _say_error(control, error):
    from . import codec

    control.send(codec.dumps_ascii({"error": f"{type(error).__name__}: {error}"}).encode())
