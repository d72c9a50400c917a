"""A traceback as Python prints it, of the caller's frames only.

Loaded for failures only: `traceback` costs 10 ms.
"""

import linecache
import traceback

from . import position
from .program import FILE

MAX_CHAIN = 50
MAX_TEXT = 4096


def formatted(error, source):
    lines = [line + "\n" for line in position.lines(source)]
    linecache.cache[FILE] = (len(source), None, lines, FILE)
    summary = traceback.TracebackException.from_exception(error, compact=True)
    _keep_caller_frames(summary)
    return "".join(summary.format())


def _keep_caller_frames(summary):
    """Of the error, its causes, its contexts, and the members of groups."""
    waiting, seen = [summary], set()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        each.stack[:] = [frame for frame in each.stack if frame.filename == FILE]
        if isinstance(each._str, str) and len(each._str) > MAX_TEXT:
            each._str = each._str[:MAX_TEXT] + "…"
        waiting += [each.__cause__, each.__context__, *(each.exceptions or ())]
