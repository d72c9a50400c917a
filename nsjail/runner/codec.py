"""JSON text by the C half of the standard library.

The `json` package imports `re`: 6 ms more, and a script may have patched it.
"""

import _json


class _Context:
    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    memo = {}


_scan = _json.make_scanner(_Context)


def loads(text):
    """What `json.loads` reads. Raises ValueError for what is not JSON."""
    text = text.strip(" \t\n\r")
    try:
        value, end = _scan(text, 0)
    except StopIteration as stop:
        raise ValueError(f"not JSON at character {stop.value}") from None
    if end != len(text):
        raise ValueError(f"not JSON at character {end}")
    return value


def _refuse(value):
    raise TypeError(type.__dict__["__name__"].__get__(type(value)))


def _encoder(escape):
    encode = _json.make_encoder(None, _refuse, escape, None, ":", ",", False, False, False)
    return lambda value: "".join(encode(value, 0))


# Plain values only. NaN and infinities raise ValueError.
dumps = _encoder(_json.encode_basestring)
dumps_ascii = _encoder(_json.encode_basestring_ascii)
