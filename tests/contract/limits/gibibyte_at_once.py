def main():
    print("printed before the allocation")
    return len(bytearray(1 << 30).replace(b"\0", b"x"))
