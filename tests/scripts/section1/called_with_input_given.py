def main(n=0):
    return n


main(1)
