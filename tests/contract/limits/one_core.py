"""Four processes that spin: how many cores they get together."""
import os
import time


def main():
    began = time.monotonic()
    for _ in range(4):
        if os.fork() == 0:
            while time.monotonic() < began + 1.5:
                pass
            os._exit(0)
    for _ in range(4):
        os.wait()
    spent = os.times()
    return (spent.children_user + spent.children_system) / (time.monotonic() - began)
