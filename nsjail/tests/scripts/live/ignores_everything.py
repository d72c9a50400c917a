import os
import signal
import time


def ignore():
    for number in signal.Signals:
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass  # SIGKILL and SIGSTOP


def main():
    ignore()
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            ignore()
            break
    print("ignoring", flush=True)
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass
