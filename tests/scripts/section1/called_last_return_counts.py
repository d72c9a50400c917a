def main(n=0):
    return n


main(1)
main(2)
