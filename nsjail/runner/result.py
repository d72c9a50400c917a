"""What `main` returned, as strict JSON text."""

from . import codec
from .problems import MEBIBYTE, result_too_large

MAX_BYTES = 4 * MEBIBYTE
MAX_LEVELS = 200
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
    if type(value) in SCALARS:
        return type(value) is not str or len(value) <= MAX_BYTES
    level, size = [value], 0
    for _ in range(MAX_LEVELS):
        below = []
        for container in level:
            if type(container) is dict:
                if container and set(map(type, container)) != TEXT:
                    return False
                size += sum(map(len, container)) + 3 * len(container)
                container = container.values()
            elif type(container) is not list and type(container) is not tuple:
                return False
            kinds = set(map(type, container))
            size += 2 * len(container) + _text_size(container, kinds)
            if size > MAX_BYTES:
                return False
            if not kinds <= SCALARS:
                below += [item for item in container if type(item) not in SCALARS]
        if not below:
            return True
        if len(below) > WIDE and len(set(map(id, below))) < WIDE:
            return False  # the same few, many times: the other way knows them again
        level = below
    return False


def _text_size(container, kinds):
    if str not in kinds:
        return 0
    if len(kinds) == 1:
        return sum(map(len, container))
    return sum([len(item) for item in container if type(item) is str])
