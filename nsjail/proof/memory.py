"""Uses four times the memory that it was given: must not get to its end."""


def main():
    held = [b"x" * (1 << 20) for _ in range(256)]
    return len(held)
