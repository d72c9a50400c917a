import os


def main():
    return 1


main()
os._exit(0)
