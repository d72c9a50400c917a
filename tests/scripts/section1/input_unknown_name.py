def main(a, b=1):
    return 1
