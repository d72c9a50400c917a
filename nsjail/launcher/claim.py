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
    def __init__(self, folder, number, fd, root):
        self._folder, self.number, self._fd = folder, number, fd
        self.uid = UID_BASE + number if root else os.getuid()
        self.gid = UID_BASE + number if root else os.getgid()
        self.root = root

    def finds_free(self, number):
        """Whether no launcher holds that number now."""
        fd = try_lock(self._folder, number)
        if fd is not None:
            os.close(fd)
        return fd is not None


def claim_slot(root, slots, run_dir):
    """One of so many numbers. Waits a little for one: who has it may be ending. `run_dir`: in a container, where the locks are."""
    folder, deadline = run_dir or _folder(root), time.monotonic() + ENDING_SECONDS
    _make(folder)
    while time.monotonic() < deadline:
        for number in range(slots):
            fd = try_lock(folder, number)
            if fd is not None:
                return SlotClaim(folder, number, fd, root)
        time.sleep(0.01)
    raise LaunchError(f"all slot numbers of this host are in use, 0 to {slots - 1} (locks in {folder})")


def try_lock(folder, number):
    fd = os.open(os.path.join(folder, f"slot-{number}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def _folder(root):
    """One for all of this user's Jobcells on this host."""
    if root:
        return "/run/jobcell"
    if os.path.isdir(os.environ.get("XDG_RUNTIME_DIR", "")):
        return os.path.join(os.environ["XDG_RUNTIME_DIR"], "jobcell")
    return f"/tmp/jobcell-{os.getuid()}"


def _make(folder):
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise LaunchError(f"{folder} for the slots' locks cannot be made: {error.strerror}") from None
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise LaunchError(f"{folder}, for the slots' locks, belongs to someone else: remove it")
