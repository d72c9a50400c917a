class Trap(Exception):
    def __str__(self):
        raise SystemExit(0)

    __repr__ = __str__


def main():
    raise Trap()
