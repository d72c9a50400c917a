def deeper(n):
    return deeper(n + 1)


def main():
    return deeper(0)
