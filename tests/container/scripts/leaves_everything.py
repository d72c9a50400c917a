"""Leaves something for the next job wherever there is a place for it; tells the errno of what it was refused."""

import builtins
import ctypes
import fcntl
import json
import mmap
import os
import random
import signal
import socket
import sys
import threading
import time

MARK = "left-behind-5b1e"
KEPT = []
LIBC = ctypes.CDLL(None, use_errno=True)


def main():
    refused = {}
    for leave in (files, nameless_files, locks, attributes, process_state, modules, sockets, system_v, threads):
        try:
            leave()
        except OSError as error:
            refused[leave.__name__] = error.errno
    return refused


def files():
    os.chdir("/tmp")
    for name in (MARK, f".{MARK}", f"{MARK} with spaces\n", MARK * 10):
        with open(name, "w", encoding="ascii") as file:
            file.write(MARK)
    os.mkfifo("fifo")
    os.symlink("/usr", "link")
    os.link(MARK, "hard link")
    os.makedirs("deep/" * 200)


def nameless_files():
    file = open("/tmp/nameless", "w+b", buffering=0)
    file.write(MARK.encode())
    KEPT.extend([file, mmap.mmap(file.fileno(), 0)])
    os.unlink("/tmp/nameless")


def locks():
    file = os.open("/usr/lib/os-release" if os.path.exists("/usr/lib/os-release") else os.__file__, os.O_RDONLY)
    fcntl.flock(file, fcntl.LOCK_EX)


def attributes():
    os.utime("/tmp", (1, 1))


def process_state():
    os.umask(0o777)
    os.environ[MARK] = MARK
    signal.setitimer(signal.ITIMER_REAL, 3600)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def modules():
    builtins.left_behind = json.left_behind = MARK
    sys.modules[MARK] = sys
    random.seed(1)
    sys.path.insert(0, "/tmp")


def sockets():
    socket.socket(socket.AF_UNIX).bind("\0" + MARK)


def system_v():
    if LIBC.shmget(0x5B1E, 4096, 0o1666) < 0:
        raise OSError(ctypes.get_errno(), "shmget")


def threads():
    def write():
        while True:
            with open(f"/tmp/{MARK}-{time.monotonic_ns()}", "w", encoding="ascii"):
                time.sleep(0.001)

    threading.Thread(target=write, daemon=True).start()
