import sys


def main():
    raise ValueError("no")


try:
    main()
except ValueError:
    sys.exit(2)
