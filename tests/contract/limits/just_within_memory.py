def main(mebibytes):
    block = bytearray(mebibytes << 20)
    for page in range(0, len(block), 4096):
        block[page] = 1
    return len(block) >> 20
