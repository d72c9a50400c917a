import threading
import time


def late():
    time.sleep(60)
    print("late")


def main():
    threading.Thread(target=late).start()
    return "now"
