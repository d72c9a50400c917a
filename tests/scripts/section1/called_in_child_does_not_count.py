import os


def main():
    return "parent" if os.getpid() == parent else "child"


parent = os.getpid()
if os.fork() == 0:
    main()
    os._exit(0)
os.wait()
