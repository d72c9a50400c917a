"""`/validate`: what can be said of a script without running it."""

from . import program
from .problems import Problem


def report(script):
    try:
        program.prepare(program.decode(script))
    except Problem as problem:
        error = problem.error
        found = {name: error.get(name) for name in ("code", "message", "line", "column")}
        return {"valid": False, "problems": [found]}
    return {"valid": True, "problems": []}
