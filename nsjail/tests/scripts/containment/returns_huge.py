def main(mib):
    return "x" * (mib << 20)
