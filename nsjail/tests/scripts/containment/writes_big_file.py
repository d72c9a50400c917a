def main():
    with open("/tmp/big", "wb", buffering=0) as file:
        written = 0
        try:
            while True:
                written += file.write(b"x" * (1 << 20))
        except OSError as error:
            return [written, error.errno]
