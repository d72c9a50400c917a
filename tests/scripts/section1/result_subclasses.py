import enum
from collections import Counter, OrderedDict, defaultdict, namedtuple


class Color(enum.IntEnum):
    RED = 1


class Name(str, enum.Enum):
    A = "a"


class Text(str):
    def __str__(self):
        return "not this"


class Count(int):
    def __repr__(self):
        return "not this"


def main():
    ordered = OrderedDict(a=1, b=2)
    ordered.move_to_end("a")
    Point = namedtuple("Point", "x y")
    return [Color.RED, Name.A, Text("t"), Count(5), ordered, Counter("aab"), defaultdict(list, k=[1]), Point(1, 2)]
