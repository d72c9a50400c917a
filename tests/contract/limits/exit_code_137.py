import sys


def main():
    sys.exit(137)
