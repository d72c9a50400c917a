import sys


def main():
    print('out')
    print('err', file=sys.stderr)
    print('more', end='')
