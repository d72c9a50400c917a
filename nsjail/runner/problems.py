"""What can be wrong with a script beside an exception: the closed list's codes."""

MEBIBYTE = 1024 * 1024


class Problem(Exception):
    """Carries the `error` object of an outcome."""

    def __init__(self, code, message, **facts):
        super().__init__(message)
        self.error = {"code": code, "message": message, **facts}


class Refused(Exception):
    """A value that is not JSON. Gathers its path, innermost step first, while it passes up."""

    def __init__(self, value, why=None):
        super().__init__()
        self.kind = name_of(type(value))
        self.why = why or f"a value of type {self.kind} is not JSON"
        self.steps = []


def main_missing(message="the script binds no top-level `main`"):
    return Problem("main_missing", message)


def result_too_large(limit, size=None):
    is_how_large = (
        f"is {size} bytes of JSON: more than the {limit}" if size else f"is larger than the {limit} bytes of JSON"
    )
    return Problem("result_too_large", f"the result {is_how_large} that are allowed")


def name_of(kind):
    """A class's own name, whatever its metaclass says."""
    return type.__dict__["__name__"].__get__(kind)
