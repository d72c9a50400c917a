def main(a, b, c):
    return 1
