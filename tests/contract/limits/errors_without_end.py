import sys


def main():
    while True:
        sys.stderr.write("x" * 65536)
