def inner(x):
    é = 'ü'; return é + x


def main():
    return inner(1)
