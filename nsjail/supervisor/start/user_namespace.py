"""The user namespace in which a slot's template and nsjail live.

Whoever is its owner may enter every jail that nsjail makes below it. The supervisor itself stays outside, without a
capability anywhere."""

import os
import signal

import machine
from identity_map import write_identity_map


def open_user_namespace():
    """Makes it and returns a descriptor of it. Raises OSError where the host refuses."""
    ready, tell = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        _make(tell)
    os.close(tell)
    try:
        refusal = os.read(ready, 4096)
        if refusal != b"made":
            raise OSError(f"no user namespace of its own: {refusal.decode() or 'its maker ended'}")
        return os.open(f"/proc/{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(ready)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _make(tell):
    """In a child: nothing of the supervisor's code may go on after it."""
    try:
        uid, gid = os.geteuid(), os.getegid()
        machine.unshare(machine.NEWUSER)
        write_identity_map(uid, gid)
        os.write(tell, b"made")
        signal.pause()
    except BaseException as error:
        os.write(tell, str(error).encode())
    finally:
        os._exit(1)
