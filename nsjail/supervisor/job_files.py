"""The files of a job without a mount namespace: all that lies in /tmp, whatever it made of that."""

import itertools
import os
import stat

FOLDER = "/tmp"
FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
MAX_FILES = 1024  # as many as a jail's own /tmp has inodes for


def named_bytes():
    """What those take that have names; and what is wrong with them, in words, or None. They may come, go and move meanwhile."""
    sizes, left = {}, [MAX_FILES]
    top = os.open(FOLDER, FOLDER_FLAGS)
    try:
        _measure(top, sizes, left)
    except (OSError, RecursionError):
        return sum(sizes.values()), "made folders in /tmp that cannot be read"  # closed by their mode, or too deep
    finally:
        os.close(top)
    return sum(sizes.values()), f"made more than {MAX_FILES} files in /tmp" if left[0] < 0 else None


def _measure(folder, sizes, left):
    """By descriptors: a folder that is moved meanwhile is read all the same."""
    with os.scandir(folder) as entries:
        for entry in entries:
            left[0] -= 1
            if left[0] < 0:
                return
            try:
                found = entry.stat(follow_symlinks=False)
                inner = os.open(entry.name, FOLDER_FLAGS, dir_fd=folder) if stat.S_ISDIR(found.st_mode) else None
            except FileNotFoundError:
                continue  # gone, or moved: then it is found there, or by the next sample
            sizes[found.st_ino] = found.st_blocks * 512
            if inner is not None:
                try:
                    _measure(inner, sizes, left)
                finally:
                    os.close(inner)


def empty():
    """Removes everything, however deep: folders inside of others are moved up first."""
    top = os.open(FOLDER, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    unused = (f"{os.urandom(16).hex()}-{number}" for number in itertools.count())
    try:
        while names := os.listdir(top):
            for name in names:
                _remove(top, name, unused)
    finally:
        os.close(top)


def _remove(top, name, unused):
    """Removes one entry of `top`. What is in a folder goes with it; folders come up, under the next of the `unused` names."""
    if not stat.S_ISDIR(os.stat(name, dir_fd=top, follow_symlinks=False).st_mode):
        return os.unlink(name, dir_fd=top)
    os.chmod(name, 0o700, dir_fd=top)  # its maker may have closed it to itself
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=top)
    try:
        for inner in os.listdir(folder):
            if stat.S_ISDIR(os.stat(inner, dir_fd=folder, follow_symlinks=False).st_mode):
                os.chmod(inner, 0o700, dir_fd=folder)  # a folder that is moved is written to: its `..`
                os.rename(inner, next(unused), src_dir_fd=folder, dst_dir_fd=top)
            else:
                os.unlink(inner, dir_fd=folder)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=top)
