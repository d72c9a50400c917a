def main(n):
    return 10 // n


main(5)
try:
    main(0)
except ZeroDivisionError:
    pass
