import sys
import time


def main(steps):
    for step in range(steps):
        print(f"out {step}", flush=True)
        print(f"err {step}", file=sys.stderr, flush=True)
        time.sleep(0.03)
