def main():
    import os, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for fd in (0, 1, 2):
                try: os.close(fd)
                except OSError: pass
            time.sleep(600)
        os._exit(0)
    return 'parent done'
