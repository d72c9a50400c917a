"""Gives `main` its input, by its signature."""

from . import codec
from .problems import Problem

FUNCTION = type(lambda: None)
OWN_SIGNATURE = {"__wrapped__", "__signature__"}
VARARGS, VARKEYWORDS = 0x4, 0x8
# The kinds of parameters, in the order of `inspect.Parameter.kind`.
POSITIONAL, EITHER, STAR, KEYWORD, STARS = range(5)
JSON_NAMES = {
    str: "a string",
    list: "an array",
    bool: "a boolean",
    type(None): "null",
    int: "a number",
    float: "a number",
}


def call(main, input):
    """`input`: JSON text as bytes."""
    parameters = _parameters(main)
    if not parameters:
        return main()
    value = codec.loads(input.decode("utf-8", "surrogatepass"))
    if len(parameters) > 1:
        return _spread(main, parameters, value)
    ((name, kind, _),) = parameters
    if kind == STARS:
        return _spread(main, parameters, value)
    return main(**{name: value}) if kind == KEYWORD else main(value)


def _parameters(main):
    """A list of (name, kind, has a default)."""
    if type(main) is FUNCTION and not OWN_SIGNATURE & main.__dict__.keys():
        return _of_function(main.__code__, main.__defaults__ or (), main.__kwdefaults__ or {})
    import inspect

    try:
        signature = inspect.signature(main)
    except ValueError:
        # Some builtins tell nothing; they are taken to have one parameter.
        return [("input", POSITIONAL, False)]
    return [
        (name, int(parameter.kind), parameter.default is not parameter.empty)
        for name, parameter in signature.parameters.items()
    ]


def _of_function(code, defaults, keyword_defaults):
    names = list(code.co_varnames)
    count, only = code.co_argcount, code.co_posonlyargcount
    parameters = []
    for index, name in enumerate(names[:count]):
        parameters.append((name, POSITIONAL if index < only else EITHER, index >= count - len(defaults)))
    rest = names[count + code.co_kwonlyargcount :]
    if code.co_flags & VARARGS:
        parameters.append((rest.pop(0), STAR, False))
    for name in names[count : count + code.co_kwonlyargcount]:
        parameters.append((name, KEYWORD, name in keyword_defaults))
    if code.co_flags & VARKEYWORDS:
        parameters.append((rest.pop(0), STARS, False))
    return parameters


def _spread(main, parameters, value):
    takes = ", ".join(name for name, _, _ in parameters)
    if type(value) is not dict:
        raise _mismatch(
            main, f"main({takes}) takes its input by name: it must be an object, not {JSON_NAMES[type(value)]}"
        )
    given = dict(value)
    positional, missing = [], []
    for name, kind, has_default in parameters:
        if kind in (STAR, STARS):
            continue
        if name not in given:
            if not has_default:
                missing.append(name)
        elif kind == POSITIONAL:
            positional.append((name, given.pop(name)))
    named = {name: kind for name, kind, _ in parameters if kind in (EITHER, KEYWORD)}
    unknown = [name for name in given if name not in named]
    if missing:
        raise _mismatch(main, f"main({takes}) is missing in its input: {', '.join(map(repr, missing))}")
    if unknown and not any(kind == STARS for _, kind, _ in parameters):
        raise _mismatch(main, f"main({takes}) does not take from its input: {', '.join(map(repr, unknown))}")
    return main(*_in_order(main, parameters, dict(positional)), **given)


def _in_order(main, parameters, given):
    """Positional-only arguments; a default is written out where a later one is given."""
    names = [name for name, kind, _ in parameters if kind == POSITIONAL]
    while names and names[-1] not in given:
        names.pop()
    return [given[name] if name in given else _default(main, name) for name in names]


def _default(main, name):
    import inspect

    return inspect.signature(main).parameters[name].default


def _mismatch(main, message):
    place = {}
    if type(main) is FUNCTION:
        place = {"line": main.__code__.co_firstlineno, "column": 1}
    return Problem("script_error", f"TypeError: {message}", type="TypeError", **place)
