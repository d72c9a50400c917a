import time


def main(n, seconds):
    print("runs", flush=True)
    time.sleep(seconds)
    return n
