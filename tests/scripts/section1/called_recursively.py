def main(n=900):
    return 0 if n == 0 else 1 + main(n - 1)


main()
