"""How many processes there can be at once, this one included."""
import os


def main():
    started = 0
    try:
        while started < 1000:
            if os.fork() == 0:
                while True:
                    os.read(os.pipe()[0], 1)
            started += 1
    except OSError:
        pass
    return started + 1
