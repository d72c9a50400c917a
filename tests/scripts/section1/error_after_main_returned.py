def main():
    return 1


main()
raise RuntimeError('later')
