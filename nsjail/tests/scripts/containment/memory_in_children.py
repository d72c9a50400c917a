"""1 GiB in sixteen children, while the job process itself stays small."""

import os


def main():
    for _ in range(16):
        if os.fork() == 0:
            blocks = []
            while True:
                blocks.append(bytearray(b"x") * (4 << 20))
    while True:
        os.wait()
