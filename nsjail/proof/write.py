"""Where outside /tmp this jail lets a script write: must be nowhere."""

import os

NAME = "jobcell-proof"


def main():
    with open(f"/tmp/{NAME}", "w") as file:  # else every refusal below would prove nothing
        file.write("x")
    return [place for place in places() if can_write(place)]


def places():
    """Every folder at the top, those of Python, and whatever else could be there."""
    try:
        top = ["/" + name for name in os.listdir("/") if name != "tmp"]
    except PermissionError:
        top = []  # it is not there to be listed
    python = [os.path.dirname(os.__file__), "/usr/local", "/usr/local/site", "/usr/local/runner"]
    hidden = ["/app", "/data", "/dev/shm", "/etc", "/home", "/opt/jobcell", "/proc/self", "/root", "/run", "/sys/fs/cgroup", "/var/tmp"]
    return ["/", "/usr/bin", "/usr/lib", *top, *python, *hidden]


def can_write(place):
    path = os.path.join(place, NAME)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        os.unlink(path)
        return True
    except OSError:
        return False
