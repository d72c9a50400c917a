"""The processes of a slot, from outside: who is who, by what the kernel says of them."""

import os
import time
from pathlib import Path


def until(condition, seconds=5):
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.001)
    return found


def tree(pid):
    """A process and all below it, in whatever pid namespace, parents before children."""
    found, waiting = [], [pid]
    while waiting:
        pid = waiting.pop(0)
        found.append(pid)
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                waiting += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def alive(pids):
    return [pid for pid in pids if os.path.exists(f"/proc/{pid}")]


def members(slot):
    """Role to pids, oldest first: launcher, supervisor, nsjail, template, holder, job (a job process, or one it forked)."""
    found = {}
    for pid in tree(slot.process.pid):
        role = role_of(pid, slot)
        if role:
            found.setdefault(role, []).append(pid)
    return found


def role_of(pid, slot):
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    numbers = next(line.split()[1:] for line in status.splitlines() if line.startswith("NSpid"))
    below = len(numbers) - len(own_namespaces(slot))
    if b"/supervisor" in b" ".join(command):
        return "supervisor"
    if b"template" in command:
        return "template" if below == 1 else "job"
    if command[0].endswith(b"nsjail"):
        return "nsjail"
    if below == 2:
        return "holder" if numbers[-1] == "1" else "job"
    return "launcher"


def own_namespaces(slot):
    status = Path(f"/proc/{slot.process.pid}/status").read_text()
    return next(line.split()[1:] for line in status.splitlines() if line.startswith("NSpid"))


def supervisor_of(slot):
    return members(slot)["supervisor"][0]
