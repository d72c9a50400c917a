import io
import sys


class Upper(io.TextIOWrapper):
    def write(self, text):
        return super().write(text.upper())


def main():
    sys.stdout = Upper(open(1, "wb", closefd=False))
    print("flushed at the end", end="")
    return 1
