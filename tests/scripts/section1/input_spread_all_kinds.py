def main(a, b=2, /, c=3, *rest, d, **more):
    return [a, b, c, list(rest), d, more]
