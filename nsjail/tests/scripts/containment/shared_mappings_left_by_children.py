"""Children fill mappings that they share with the job process, and end: then no process' own size shows the memory."""

import mmap
import os


def main():
    mappings = [mmap.mmap(-1, 64 << 20) for _ in range(16)]
    for mapping in mappings:
        child = os.fork()
        if child == 0:
            for page in range(0, len(mapping), mmap.PAGESIZE):
                mapping[page] = 1
            os._exit(0)
        os.waitpid(child, 0)
    return "all of it"
