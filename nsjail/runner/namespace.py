"""The `__main__` that a script runs in, as close to a shell's as it gets."""

import builtins
import sys

from .program import FILE


def install(source):
    module = type(sys)("__main__")
    module.__dict__.update(
        __annotations__={},
        __builtins__=builtins,
        __file__=FILE,
        # Lets a script's own `traceback.print_exc()` and `inspect` find its lines.
        __loader__=Source(source),
    )
    sys.modules["__main__"] = module
    sys.argv[:] = [FILE]
    # `site` makes these, and runs neither under -S.
    builtins.exit = Quitter("exit")
    builtins.quit = Quitter("quit")
    return module


class Source:
    def __init__(self, source):
        self._source = source

    def get_source(self, name):
        return self._source


class Quitter:
    def __init__(self, name):
        self._name = name

    def __repr__(self):
        return f"Use {self._name}() to end the script"

    def __call__(self, code=None):
        raise SystemExit(code)
