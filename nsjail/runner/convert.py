"""From what scripts return to plain JSON types, with the path of what is refused.

The way for results that are not plain already; `result.py` has the fast one.
"""

from . import codec
from .keys import key_text
from .known import converters
from .problems import Problem, Refused, name_of, result_too_large

MAX_PATH = 1024


def convert(value, levels, max_bytes):
    """A new tree of plain types. Raises a Problem."""
    try:
        return Walk(levels, max_bytes).value(value, 0)
    except Refused as refused:
        path = path_text(reversed(refused.steps))
        raise Problem("result_not_json", f"{refused.why} (at {path})", path=path, type=refused.kind) from None
    except RecursionError:
        why = "the result is nested too deeply"
        raise Problem("result_not_json", why, path="$", type=name_of(type(value))) from None


def _refuse(value, walk, level):
    raise Refused(value)


# Of the plain types, for the classes that inherit from them.
PLAIN = {
    str: lambda value, walk, level: walk.value(str.__str__(value), level),
    int: lambda value, walk, level: int.__index__(value),
    float: lambda value, walk, level: walk.value(float.__float__(value), level),
    dict: lambda value, walk, level: walk.container(value, level),
    list: lambda value, walk, level: walk.container(value, level),
    tuple: lambda value, walk, level: walk.container(value, level),
}


def path_text(steps):
    text = "$"
    for step in steps:
        if type(step) is int:
            text += f"[{step}]"
        elif step.isidentifier() and step.isascii():
            text += f".{step}"
        else:
            text += f"[{codec.dumps(step)}]"
        if len(text) > MAX_PATH:
            return text[:MAX_PATH] + "…"
    return text


class Walk:
    """One conversion. `level`: how many arrays and objects a value stands in."""

    def __init__(self, levels, max_bytes):
        self._levels = levels
        self._max_bytes = max_bytes
        # The result is at least as large as this.
        self._size = 0
        self._open = set()
        # Of containers that were met before, by id: themselves, what they became, its size and height.
        self._made = {}
        self._height = 0
        self._converters = {**PLAIN, **converters()}

    def value(self, value, level):
        kind = type(value)
        if kind is str:
            self.grow(len(value))
            return value
        if kind is int or kind is bool or value is None:
            return value
        if kind is float:
            return value if value - value == 0 else None
        if kind is dict or kind is list or kind is tuple:
            return self.container(value, level)
        return self._other(value, level)

    def _other(self, value, level):
        kind = type(value)
        if kind not in self._converters:
            self._converters[kind] = self._inherited(kind)
        return self._converters[kind](value, self, level)

    def _inherited(self, kind):
        """The converter of the nearest class that has one."""
        for base in type.mro(kind)[1:]:
            if base in self._converters:
                return self._converters[base]
        return _refuse

    def container(self, value, level):
        self.check_level(value, level + 1)
        if id(value) in self._open:
            raise Refused(value, "a value that contains itself is not JSON")
        known = self._made.get(id(value))
        if known and level + known[3] <= self._levels:
            return self._again(*known)
        self._open.add(id(value))
        size, around, self._height = self._size, self._height, 0
        make = self._object if isinstance(value, dict) else self.array
        made = make(value, level + 1)
        height = self._height + 1
        self._made[id(value)] = value, made, self._size - size, height
        self._height = max(around, height)
        self._open.discard(id(value))
        return made

    def _again(self, value, made, size, height):
        """A few lists that hold each other many times would else cost as much as their text."""
        self.grow(size)
        self._height = max(self._height, height)
        return made

    def array(self, items, level):
        made, index = [], 0
        try:
            for index, item in enumerate(items):
                self.grow(2)
                made.append(self.value(item, level))
        except Refused as refused:
            refused.steps.append(index)
            raise
        return made

    def _object(self, value, level):
        made = []
        for key, item in value.items():
            text = key_text(key)
            self.grow(len(text) + 5)
            try:
                made.append((text, self.value(item, level)))
            except Refused as refused:
                refused.steps.append(text)
                raise
        plain = dict(made)
        return plain if len(plain) == len(made) else Pairs(made)

    def check_level(self, value, level):
        if level > self._levels:
            raise Refused(value, f"the result has more than {self._levels} levels of arrays and objects")

    def grow(self, size):
        self._size += size
        if self._size > self._max_bytes:
            raise result_too_large(self._max_bytes)


class Pairs(dict):
    """An object with equal keys: 1 and "1" are two for `json.dumps`, so they are here."""

    def __init__(self, pairs):
        super().__init__(pairs)
        self._pairs = pairs

    def items(self):
        return self._pairs
