import os

pid = os.fork()
if pid == 0:
    print("child")
else:
    status = os.waitpid(pid, 0)[1]


def main():
    print("main")
    return status
