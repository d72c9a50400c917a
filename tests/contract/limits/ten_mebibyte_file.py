import os


def main():
    with open("/tmp/big", "wb") as file:
        file.write(b"x" * (10 << 20))
    return os.path.getsize("/tmp/big")
