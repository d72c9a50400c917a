"""Tries to start a process in every way that there is; tells which succeeded."""

import ctypes
import multiprocessing
import os
import subprocess
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
VFORK = {"x86_64": 58}.get(os.uname().machine)
CLONE_VM, CLONE_VFORK, CLONE_FILES, CLONE_PARENT, SIGCHLD = 0x100, 0x4000, 0x400, 0x8000, 17


def main():
    done = []
    for name, start in {
        "fork": os.fork,
        "forkpty": os.forkpty,
        "spawn": lambda: os.posix_spawn("/usr/bin/true", ["true"], {}),
        "subprocess": lambda: subprocess.run(["/usr/bin/true"], check=True),
        "python": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        "shell": lambda: refused_unless(os.system("exit 0") == 0),
        "pipe": lambda: os.popen("echo x").read() or refused_unless(False),
        "multiprocessing": lambda: multiprocessing.get_context("fork").Process(target=int).start(),
        "clone": lambda: raw(CLONE, SIGCHLD),
        "clone beside its parent": lambda: raw(CLONE, CLONE_PARENT | SIGCHLD),
        "clone that shares files": lambda: raw(CLONE, CLONE_FILES | SIGCHLD),
        "vfork": lambda: raw(VFORK) if VFORK else refused_unless(False),
        "clone3": lambda: raw(435, 0, 0),
    }.items():
        try:
            if start() == 0:
                os._exit(0)  # the child
            done.append(name)
        except OSError:
            pass
    return done


def raw(number, *arguments):
    pid = LIBC.syscall(number, *arguments, 0, 0, 0, 0)
    refused_unless(pid >= 0)
    return pid


def refused_unless(condition):
    if not condition:
        raise PermissionError
