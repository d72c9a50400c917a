def main(mib):
    return len(bytearray(b"x") * (mib << 20)) >> 20
