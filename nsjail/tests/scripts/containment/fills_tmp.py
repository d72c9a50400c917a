def main():
    n = 0
    try:
        while True:
            with open(f"/tmp/{n}", "wb") as file:
                file.write(b"x" * (1 << 20))
            n += 1
    except OSError as error:
        return [n, error.errno]
