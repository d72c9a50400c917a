def main():
    import os, time
    for fd in range(3, 64):
        try:
            for _ in range(100): os.write(fd, b' '); time.sleep(0.5)
        except OSError: pass
    return 1
