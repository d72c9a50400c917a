import os
import sys


def main():
    print('a', end='')
    sys.stdout.buffer.write(b'\xff')
    os.write(1, 'é'.encode())
    print('b')
