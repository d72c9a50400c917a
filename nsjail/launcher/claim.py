"""A number of its own for each slot on this host, held as long as its launcher lives.

As root it makes the slot's uid: the kernel's quotas for processes, pipes and keys are per uid. What a dead launcher
left under its number belongs to whoever holds the number next."""

import fcntl
import os
import stat
import time

from errors import LaunchError

UID_BASE = 70000
MAX_SLOTS = 1000
ENDING_SECONDS = 2


class SlotClaim:
    def __init__(self, number, fd, root):
        self.number, self._fd = number, fd
        self.uid = UID_BASE + number if root else os.getuid()
        self.gid = UID_BASE + number if root else os.getgid()
        self.root = root


def claim_slot(root, slots):
    """One of so many numbers. Waits a little for one: who has it may be ending."""
    folder, deadline = _folder(root), time.monotonic() + ENDING_SECONDS
    while time.monotonic() < deadline:
        for number in range(slots):
            fd = try_lock(folder, number)
            if fd is not None:
                return SlotClaim(number, fd, root)
        time.sleep(0.01)
    raise LaunchError(f"all slot numbers of this host are in use, 0 to {slots - 1} (locks in {folder})")


def is_free(number, root):
    """Whether no launcher holds the number now."""
    fd = try_lock(_folder(root), number)
    if fd is not None:
        os.close(fd)
    return fd is not None


def try_lock(folder, number):
    fd = os.open(os.path.join(folder, f"slot-{number}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def _folder(root):
    if root:
        folder = "/run/jobcell"
    elif os.path.isdir(os.environ.get("XDG_RUNTIME_DIR", "")):
        folder = os.path.join(os.environ["XDG_RUNTIME_DIR"], "jobcell")
    else:
        folder = f"/tmp/jobcell-{os.getuid()}"
    try:
        os.makedirs(folder, 0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise LaunchError(f"{folder} for the slots' locks cannot be made: {error.strerror}") from None
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise LaunchError(f"{folder}, for the slots' locks, belongs to someone else: remove it")
    return folder
