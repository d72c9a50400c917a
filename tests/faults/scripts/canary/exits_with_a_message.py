import sys


def main(x):
    sys.exit(f"CANARY {x}")
