calls = []


def main():
    calls.append(1)
    return len(calls)


def run():
    value = main()
    print("helper saw", value)


run()
