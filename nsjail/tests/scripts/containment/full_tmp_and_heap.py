"""What lies in /tmp outlives the process that is killed for memory: the slot must survive both together."""


def main():
    written = 0
    try:
        while True:
            with open(f"/tmp/{written}", "wb") as file:
                file.write(b"x" * (1 << 20))
            written += 1
    except OSError:
        pass
    blocks = []
    while True:
        blocks.append(bytearray(1 << 20))
