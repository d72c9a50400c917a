import sys


def main():
    while True:
        print("A" * 1000, file=sys.stderr)
