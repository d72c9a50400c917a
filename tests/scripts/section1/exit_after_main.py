import sys


def main():
    return 'kept'


main()
sys.exit('an end like any other')
