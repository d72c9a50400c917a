def helper():
    return int('x')


helper()


def main():
    return 1
