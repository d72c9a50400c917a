import os


def main(code):
    print("kept", flush=True)
    os._exit(code)
