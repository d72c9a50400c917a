"""Children that go on writing after the result: they hold both pipes, and must not hold the answer."""

import os
import time


def main():
    for target in (1, 2):
        if os.fork() == 0:
            while True:
                os.write(target, b"y" * 64)
                time.sleep(0.001)
    return "answer"
