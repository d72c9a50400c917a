import os
import signal


def main():
    os.kill(os.getpid(), signal.SIGSTOP)
