def main():
    import os
    for _ in range(16):
        if os.fork() == 0:
            b = []
            while True: b.append(bytearray(4 << 20))
    os.wait(); return 1
