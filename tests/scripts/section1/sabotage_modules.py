import sys


def main():
    sys.modules.clear()
    return [1, float('nan')]
