import ctypes


def main():
    print("printed before the crash")
    ctypes.string_at(0)
