def main():
    import os, signal
    r = []
    for p in (os.getppid(), 1, -1):
        try: os.kill(p, signal.SIGKILL); r.append('sent')
        except OSError as e: r.append(e.errno)
    return r
