import sys


def main():
    return 3


sys.exit(main())
