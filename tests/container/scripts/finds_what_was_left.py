"""Looks for what leaves_everything.py leaves; tells what it has found, and of /tmp when it was last changed."""

import builtins
import ctypes
import fcntl
import json
import os
import random
import signal
import socket
import sys
import threading

MARK = "left-" + "behind-5b1e"


def main():
    found = os.listdir("/tmp") + [name for name in os.environ if MARK in name]
    found += [module.__name__ for module in (builtins, json) if hasattr(module, "left_behind")]
    found += [name for name in sys.modules if MARK in name] + [path for path in sys.path if path == "/tmp"]
    found += [thread.name for thread in threading.enumerate()][1:]
    if os.umask(0o022) == 0o777:
        found.append("umask")
    if signal.getitimer(signal.ITIMER_REAL)[0] or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        found.append("signals")
    if random.random() == random.Random(1).random():
        found.append("random numbers")
    if ctypes.CDLL(None).shmget(0x5B1E, 0, 0) >= 0:
        found.append("shared memory")
    if os.getcwd() != "/tmp":
        found.append("working folder")
    file = os.open("/usr/lib/os-release" if os.path.exists("/usr/lib/os-release") else os.__file__, os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        found.append("lock")
    try:
        socket.socket(socket.AF_UNIX).connect("\0" + MARK)
        found.append("socket")
    except OSError:
        pass
    if os.stat("/tmp").st_mtime < 10:
        found.append("time of /tmp")
    return found
