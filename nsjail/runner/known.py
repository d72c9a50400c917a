"""The types of libraries that a result may hold. Each converter gives plain JSON types.

A type is looked up where the script has already imported its library: nothing is
imported for a result.
"""

import sys


def converters():
    """By class: functions of (value, walk, level)."""
    table = {}
    for module, module_converters in BY_MODULE.items():
        if module in sys.modules:
            for name, converter in module_converters.items():
                kind = getattr(sys.modules[module], name, None)
                if isinstance(kind, type):
                    table[kind] = converter
    for library in ("numpy", "pandas"):
        if library in sys.modules:
            table.update(_of_library(library))
    return table


def _of_library(library):
    try:
        if library == "numpy":
            from . import arrays as converters
        else:
            from . import frames_and_series as converters
        return converters.table(sys.modules[library])
    except (AttributeError, TypeError):
        return {}  # a module of the script's own with that name


def _decimal(value, walk, level):
    return str(value) if value.is_finite() else None


def _text(value, walk, level):
    return str(value)


def _iso(value, walk, level):
    return value.isoformat()


DATES = {"date": _iso, "time": _iso}
BY_MODULE = {"datetime": DATES, "decimal": {"Decimal": _decimal}, "uuid": {"UUID": _text}}
