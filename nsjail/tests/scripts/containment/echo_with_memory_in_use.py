"""Gives back a large input while it uses nearly all of 64 MiB."""

BLOCK = bytearray(b"x") * (24 << 20)


def main(text):
    return text
