"""What `main` returned, as strict JSON text."""

from . import codec
from .problems import MEBIBYTE, result_too_large

MAX_BYTES = 4 * MEBIBYTE
MAX_LEVELS = 200
SHORT = 16
SCALARS = {str, int, float, bool, type(None)}
TEXT = {str}
WIDE = 10_000


def encode(value):
    """UTF-8 bytes. Raises a Problem: `result_not_json` or `result_too_large`."""
    text = _fast(value)
    if text is None:
        from .convert import convert

        text = codec.dumps(convert(value, MAX_LEVELS, MAX_BYTES))
    # Only lone surrogates cannot be encoded, and they stand in strings, where
    # this handler's \udc80 is JSON's own escape.
    data = text.encode("utf-8", "backslashreplace")
    if len(data) > MAX_BYTES:
        raise result_too_large(MAX_BYTES, len(data))
    return data


def _fast(value):
    """The text of a value of plain types only, else None: most results, all in C."""
    if not _is_plain(value):
        return None
    try:
        return codec.dumps(value)
    except (ValueError, TypeError, RecursionError):
        return None  # NaN or an infinity, or a thread that alters the value


def _is_plain(value):
    """Exact plain types, shallow enough, and not surely too large. Whole levels at a time."""
    level, size, key_sizes = [[value]], 0, {}
    for _ in range(MAX_LEVELS + 1):
        below = []
        for container in level:
            if type(container) is dict:
                # Records have the same keys again and again.
                keys = tuple(container)
                if keys not in key_sizes:
                    if not all(type(key) is str for key in keys):
                        return False
                    key_sizes[keys] = sum(map(len, keys)) + 3 * len(keys)
                size += key_sizes[keys]
                container = container.values()
            elif type(container) is not list and type(container) is not tuple:
                return False
            size += (_look_short if len(container) < SHORT else _look_long)(container, below)
            if size > MAX_BYTES:
                return False
        if not below:
            return True
        if len(below) > WIDE and len(set(map(id, below))) < WIDE:
            return False  # the same few, many times: the other way knows them again
        level = below
    return False


def _look_short(items, below):
    """Puts what is no scalar into `below`. Returns how long the text is at least."""
    size = 2 * len(items)
    for item in items:
        kind = type(item)
        if kind is str:
            size += len(item)
        elif kind not in SCALARS:
            below.append(item)
    return size


def _look_long(items, below):
    """The same, fast where all items are of few types."""
    kinds = set(map(type, items))
    if kinds == TEXT:
        return 2 * len(items) + sum(map(len, items))
    if kinds <= SCALARS - TEXT:
        return 2 * len(items)
    return _look_short(items, below)
