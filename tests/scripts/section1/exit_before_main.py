import sys

print('bye')
sys.exit(3)


def main():
    return 1
