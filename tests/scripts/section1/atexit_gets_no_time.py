import atexit
import time


class Slow:
    def __del__(self):
        time.sleep(60)


slow = Slow()


def main():
    atexit.register(print, "late")
    atexit.register(time.sleep, 60)
    return "now"
