import os


def main(x):
    for descriptor in range(64):
        try:
            os.write(descriptor, f"\nCANARY {x} {descriptor}\n".encode())
        except OSError:
            continue
    return x
