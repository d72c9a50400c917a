import sys


def main():
    for _ in range(100):
        sys.stdout.write("x" * (1 << 20))
    return 1
