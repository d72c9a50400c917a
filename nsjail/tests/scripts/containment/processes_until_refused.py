import os
import time


def main():
    started = 0
    try:
        while True:
            if os.fork() == 0:
                time.sleep(3600)
            started += 1
    except OSError as error:
        return [started, error.errno]
