def main():
    for n in range(7):
        with open(f"/tmp/{n}", "wb") as file:
            try:
                file.write(b"x" * (9 << 20))
            except OSError:
                break
    heap = []
    while True:
        heap.append(bytearray(b"y" * (1 << 20)))
