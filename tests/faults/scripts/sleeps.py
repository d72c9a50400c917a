import time


def main(n, seconds):
    time.sleep(seconds)
    return n
