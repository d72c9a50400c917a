"""Children hold memory in shared mappings, in sessions of their own, and live on when main has returned."""
import mmap
import os


def main():
    ready, tell = os.pipe()
    for _ in range(8):
        if os.fork() == 0:
            os.setsid()
            block = mmap.mmap(-1, 16 << 20)
            for page in range(0, len(block), 4096):
                block[page] = 1
            os.write(tell, b"r")
            while True:
                os.read(os.pipe()[0], 1)
    for _ in range(8):
        os.read(ready, 1)
    return "left"
