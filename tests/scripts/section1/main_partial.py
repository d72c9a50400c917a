from functools import partial


def power(base, exponent):
    return base**exponent


main = partial(power, 2)
