def main():
    return 'first'


main()
main = None
