def main():
    n = 0
    try:
        while True:
            open(f"/tmp/{n}", "w").close()
            n += 1
    except OSError as error:
        return [n, error.errno]
