"""Takes ever more memory, disk or threads, in the way that it is asked to, and keeps it."""

import ctypes
import itertools
import mmap
import os
import threading
import time

MIB = 1 << 20
CLOSE_RANGE, CLOSE_RANGE_UNSHARE = 436, 2
DEPTH = 900


def main(way):
    kept = []
    for number in range(1024):
        kept.append(WAYS[way](number))
    time.sleep(60)


def shared(_):
    memory = mmap.mmap(-1, 4 * MIB)
    memory.write(b"x" * (4 * MIB))
    return memory


def file(number):
    with open(f"/tmp/{number}", "wb") as written:
        written.write(b"x" * MIB)


def linked(number):
    with open("/tmp/first", "ab") as written:
        written.write(b"x" * 1024)
    os.link("/tmp/first", f"/tmp/{number}")


def allocated(number):
    with open(f"/tmp/{number}", "wb") as written:
        os.posix_fallocate(written.fileno(), 0, 8 * MIB)


def nameless(number):
    written = os.open("/tmp", os.O_TMPFILE | os.O_RDWR)
    os.write(written, b"x" * MIB)
    return written


def mapped(number):
    return map_nameless(f"/tmp/{number}")


def disguised(number):
    """Its name ends like the one that shared memory without a file has."""
    os.makedirs("/tmp/dev", exist_ok=True)
    return map_nameless("/tmp/dev/zero") if number < 24 else None


def map_nameless(path):
    with open(path, "w+b") as written:
        written.truncate(8 * MIB)
        memory = mmap.mmap(written.fileno(), 8 * MIB, trackfd=False)
    memory.write(b"x" * (8 * MIB))
    os.unlink(path)
    return memory


def threads(_):
    threading.stack_size(1 << 16)
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()


def apart(number):
    """Nameless files of a thread that has descriptors of its own, if it can."""

    def take():
        ctypes.CDLL(None).syscall(CLOSE_RANGE, 1000, 1001, CLOSE_RANGE_UNSHARE)
        kept = [nameless(each) for each in range(100)]
        time.sleep(60)
        del kept

    if number == 0:
        threading.Thread(target=take, daemon=True).start()


def moved(_):
    """Files at the bottom of a deep tree, whose top has another name at every moment."""
    top = "/tmp/top"
    os.mkdir(top)
    bottom = os.open(top, os.O_RDONLY)
    for _ in range(DEPTH):
        os.mkdir("d", dir_fd=bottom)
        above, bottom = bottom, os.open("d", os.O_RDONLY, dir_fd=bottom)
        os.close(above)
    for number in itertools.count():
        top, before = f"/tmp/{number}", top
        os.rename(before, top)
        if number < 100 * 16:
            written = os.open(f"{number % 16}", os.O_CREAT | os.O_WRONLY | os.O_APPEND, dir_fd=bottom)
            os.write(written, b"x" * (MIB // 16))
            os.close(written)


WAYS = {way.__name__: way for way in (shared, file, linked, allocated, nameless, mapped, disguised, threads, apart, moved)}
