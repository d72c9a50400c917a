import os


def main(number):
    os.kill(os.getpid(), number)
