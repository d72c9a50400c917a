import time


def main(x):
    print("CANARY", x, flush=True)
    time.sleep(30)
