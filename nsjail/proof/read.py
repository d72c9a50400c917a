"""What outside of its jail this jail lets a script read: must be nothing."""

import os

FILES = ["/etc/passwd", "/etc/hostname", "/opt/jobcell/jail.cfg", "/app/package.json", "/proc/1/environ", "/proc/self/maps"]
FOLDERS = ["/app", "/data", "/etc", "/home", "/opt", "/proc", "/root", "/run", "/sys", "/var"]


def main():
    with open(os.__file__, "rb"):  # else every refusal below would prove nothing
        pass
    return [path for path in FILES if can_read(path)] + [path for path in FOLDERS if can_list(path)]


def can_read(path):
    try:
        with open(path, "rb") as file:
            file.read(1)
        return True
    except OSError:
        return False


def can_list(path):
    try:
        os.listdir(path)
        return True
    except OSError:
        return False
