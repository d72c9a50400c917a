import os


def main():
    for _ in range(16):
        if os.fork() == 0:
            block = bytearray(64 << 20)
            for page in range(0, len(block), 4096):
                block[page] = 1
            while True:
                os.read(os.pipe()[0], 1)
    while True:
        os.wait()
