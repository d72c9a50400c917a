import sys


def main(x):  # CANARY
    print("CANARY", x)
    print("CANARY", x, file=sys.stderr)
    return {"CANARY": x}
