"""From a script's bytes to code that runs and knows when `main` is called."""

import sys

from . import position, survey
from .problems import Problem, main_missing

FILE = "script.py"
ONLY_AST = 0x400
COMPILER_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


class Program:
    def __init__(self, code, tracked):
        self.code = code
        # Whether the body can call `main` at all.
        self.tracked = tracked


def decode(script):
    try:
        return script.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem("syntax_error", f"the script is not UTF-8 (at byte {error.start})") from None


def prepare(source):
    """Compile. Raises a Problem: `syntax_error`, or `main_missing` where nothing can bind it."""
    try:
        tree = compile(source, FILE, "exec", ONLY_AST, dont_inherit=True)
    except COMPILER_ERRORS as error:
        raise _refused(error, source, counts_bytes=False) from None
    seen = survey.Survey(tree, source)
    if seen.acts:
        survey.weave(tree, seen)
    try:
        program = _compile(tree, source, seen.acts)
    except COMPILER_ERRORS as error:
        raise _refused(error, source, counts_bytes=True) from None
    if not seen.may_bind:
        raise main_missing()
    return program


def _compile(tree, source, tracked):
    # What the parser has passed is at most some 3,000 levels deep, which from a
    # tree of objects needs a higher limit than from text.
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10 * limit)
    try:
        return Program(compile(tree, FILE, "exec", dont_inherit=True), tracked)
    except RecursionError:
        # 3.12 has a fixed limit for trees. Rather untracked than refused.
        return Program(compile(source, FILE, "exec", dont_inherit=True), False)
    finally:
        sys.setrecursionlimit(limit)


def _refused(error, source, counts_bytes):
    """`counts_bytes`: the parser gives a column in characters, the compiler in bytes."""
    line = column = None
    if isinstance(error, SyntaxError):
        message = error.msg
        line, column = error.lineno, error.offset
        if line and column and counts_bytes:
            column = position.column(source, line, column - 1)
    elif isinstance(error, (RecursionError, MemoryError)):
        message = "the script is nested too deeply to be compiled"
    else:
        message = str(error)
    if "\0" in source:
        message = "the script holds a NUL character"
        line, column = position.of_character(source, source.index("\0"))
    kind = "SyntaxError" if not isinstance(error, SyntaxError) else type(error).__name__
    facts = {"type": kind}
    if line:
        facts["line"] = line
        facts["column"] = max(column or 1, 1)
    return Problem("syntax_error", message, **facts)
