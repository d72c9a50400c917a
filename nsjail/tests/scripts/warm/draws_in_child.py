"""What a forked child draws whose pid may be the template's own: libraries that notice a fork by the pid must not miss it."""

import os
import random
import ssl

CHILDREN = 40


def main():
    seen = []
    for _ in range(CHILDREN):
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.write(writing, ssl.RAND_bytes(8).hex().encode() + b" " + str(random.random()).encode())
            os._exit(0)
        os.close(writing)
        seen.append([pid, *os.read(reading, 100).decode().split()])
        os.close(reading)
        os.waitpid(pid, 0)
    return seen
