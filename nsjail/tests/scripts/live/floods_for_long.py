import os
import time


def main():
    while True:  # too slow for output_limit, too fast for whoever reads all of it
        os.write(1, b"x" * 1000)
        time.sleep(0.0002)
