calls = []


def main():
    calls.append(1)
    return len(calls)


main()
