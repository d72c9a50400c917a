import time


def main():
    print("before", flush=True)
    time.sleep(3600)
