"""The `error` object of an outcome, from what ended a script."""

import sys

from . import position
from .problems import Problem, name_of
from .program import FILE

MAX_MESSAGE = 4096
MAX_TRACEBACK = 16384
CUT = "\n… cut …\n"
# A class of the script's own may answer for these attributes.
TRACE_OF = BaseException.__dict__["__traceback__"].__get__
CODE_OF = SystemExit.__dict__["code"].__get__


def describe(error, source):
    """Never raises: a script may have made any part of its exception a trap."""
    kind = type(error)
    if issubclass(kind, Problem):
        return {**error.error, "message": cut(error.error["message"], MAX_MESSAGE)}
    if issubclass(kind, SystemExit):
        return _exit(CODE_OF(error))
    name = name_of(kind)
    described = {"code": "script_error", "message": name, "type": name}
    if issubclass(kind, MemoryError):
        described["code"] = "memory_limit"
        _free_locals(TRACE_OF(error))
    for add in (_add_place, _add_message, _add_traceback):
        try:
            add(described, error, source)
        except BaseException:
            pass
    return described


def _free_locals(trace):
    """Else there may be no memory left to tell of it."""
    while trace:
        try:
            trace.tb_frame.clear()
        except RuntimeError:
            pass  # still running
        trace = trace.tb_next


def cut(text, limit):
    """At most `limit` bytes of UTF-8, with a mark where the middle is missing."""
    if len(text) * 4 <= limit:
        return _clean(text)
    data = text[: limit + 1].encode("utf-8", "backslashreplace")
    if len(text) <= limit and len(data) <= limit:
        return data.decode()
    tail_bytes = (limit - len(CUT.encode())) * 3 // 4
    head_bytes = limit - len(CUT.encode()) - tail_bytes
    tail = text[-tail_bytes:].encode("utf-8", "backslashreplace")[-tail_bytes:]
    return data[:head_bytes].decode("utf-8", "ignore") + CUT + tail.decode("utf-8", "ignore")


def _clean(text):
    return text.encode("utf-8", "backslashreplace").decode()


def _exit(code):
    if code is None:
        status = 0
    elif issubclass(type(code), int):
        status = int.__index__(code) & 0xFF
    else:
        _print_exit_message(code)
        status = 1
    return {
        "code": "script_exit",
        "message": f"the script ended itself with exit code {status} before `main` returned",
        "exit_code": status,
    }


def _print_exit_message(message):
    """As Python does with `sys.exit("why")`."""
    try:
        print(message, file=sys.stderr)
    except BaseException:
        pass


def _add_place(described, error, source):
    """Line and column of the innermost frame of the caller's."""
    found = None
    trace = TRACE_OF(error)
    while trace:
        if trace.tb_frame.f_code.co_filename == FILE:
            found = trace
        trace = trace.tb_next
    if not found:
        return
    described["line"] = found.tb_lineno
    described["column"] = 1
    positions = list(found.tb_frame.f_code.co_positions())
    line, _, offset, _ = positions[found.tb_lasti // 2]
    if line == found.tb_lineno and offset is not None:
        described["column"] = position.column(source, line, offset)


def _add_message(described, error, source):
    text = _text_of(error)
    kind = described["type"]
    described["message"] = cut(f"{kind}: {text}" if text else kind, MAX_MESSAGE)


def _text_of(error):
    try:
        return str.__str__(str(error))
    except BaseException:
        return "<its message could not be made>"


def _add_traceback(described, error, source):
    from .trace import formatted

    described["traceback"] = cut(formatted(error, source), MAX_TRACEBACK)
