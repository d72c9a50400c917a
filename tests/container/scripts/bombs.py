"""Takes ever more memory, disk or threads, in the way that it is asked to, and keeps it."""

import mmap
import os
import threading
import time

MIB = 1 << 20


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
    with open(f"/tmp/{number}", "w+b") as written:
        written.truncate(8 * MIB)
        memory = mmap.mmap(written.fileno(), 8 * MIB)
    memory.write(b"x" * (8 * MIB))
    os.unlink(f"/tmp/{number}")
    return memory


def threads(_):
    threading.stack_size(1 << 16)
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()


WAYS = {way.__name__: way for way in (shared, file, linked, allocated, nameless, mapped, threads)}
