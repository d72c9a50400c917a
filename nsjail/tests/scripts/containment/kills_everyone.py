import os
import signal


def main():
    done = []
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGSTOP):
        for target in (1, os.getppid(), -1):
            try:
                os.kill(target, number if target != -1 else signal.SIGCONT)
                done.append("sent")
            except OSError as error:
                done.append(error.errno)
    os.kill(-1, signal.SIGKILL)
    return len(done)
