def main():
    b = []
    while True:
        b.append(bytearray(8 << 20))
