import os


def main():
    os.write(1, b"a\xff\xfeb\n")
    os.write(2, b"\xc3")
    return "kept"
