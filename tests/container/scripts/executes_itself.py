"""Becomes another program, which tries again what the job may not."""

import os

TRIES = """
import os, socket
for use in (os.fork, lambda: socket.socket(), lambda: open("/etc/hosts"), lambda: os.kill(1, 0), lambda: os.listdir("/data")):
    try:
        use()
        print("done")
    except OSError as error:
        print("refused")
"""


def main():
    os.execv("/usr/bin/python3", ["python3", "-I", "-S", "-c", TRIES])
