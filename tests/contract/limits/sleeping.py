import time


def main():
    print("printed before the sleep")
    time.sleep(3600)
