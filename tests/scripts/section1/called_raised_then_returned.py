tries = 0


def main():
    global tries
    tries += 1
    if tries < 3:
        raise OSError("not yet")
    return tries


while tries < 3:
    try:
        main()
    except OSError:
        pass
