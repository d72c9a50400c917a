from dataclasses import dataclass


@dataclass
class Point:
    x: int
    y: int = 0


def make(point: Point):
    return [point.x, point.y]


class main(Point):
    def __new__(cls, x, y=7):
        return [x, y]
