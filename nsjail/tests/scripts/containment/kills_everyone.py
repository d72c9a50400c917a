import os
import signal


def main():
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSTOP, signal.SIGSEGV):
        for target in (1, os.getppid() or 1):  # a warm job's parent is in no namespace of its own: 0
            os.kill(target, number)
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return "nobody else"
