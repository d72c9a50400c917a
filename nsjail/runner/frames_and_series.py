"""pandas as JSON: records for a DataFrame; a list or an object for a Series."""

import sys

from .keys import key_text
from .problems import Refused

RESET = "reset_index() makes the index columns"
FLATTEN = "give its columns plain names first"


def table(pandas):
    def null(value, walk, level):
        return None

    return {
        type(pandas.NA): null,
        type(pandas.NaT): null,
        pandas.DataFrame: _frame,
        pandas.Series: _series,
        # As arrays: a list of their values.
        pandas.Index: _listed,
        pandas.api.extensions.ExtensionArray: _listed,
    }


def _listed(value, walk, level):
    return walk.value(value.tolist(), level)


def _series(series, walk, level):
    if _is_default(series.index):
        walk.check_level(series, level + 1)
        return _column(series, walk, level + 1)
    keys = [_label(label, walk, RESET) for label in series.index]
    if twice := _first_twice(keys):
        raise Refused(series, f"two values of a Series have the index {twice[0]!r}: {RESET}")
    return walk.value(dict(zip(keys, series.tolist())), level)


def _frame(frame, walk, level):
    columns = _columns(frame)
    names = [_label(label, walk, FLATTEN) for label, _ in columns]
    if twice := _first_twice(names):
        raise Refused(frame, f"two columns of a DataFrame are named {twice[0]!r}")
    walk.check_level(frame, level + 2)
    walk.grow(len(frame) * (sum(map(len, names)) + 3 * len(names)))
    if not columns:
        return [{} for _ in range(len(frame))]
    values = [_named_column(name, column, walk, level + 2) for name, (_, column) in zip(names, columns)]
    return [dict(zip(names, row)) for row in zip(*values)]


def _columns(frame):
    """(label, values), the named levels of the index first."""
    index = frame.index
    columns = [(name, index.get_level_values(i)) for i, name in enumerate(index.names) if name is not None]
    return columns + [(label, frame.iloc[:, i]) for i, label in enumerate(frame.columns)]


def _named_column(name, column, walk, level):
    try:
        return _column(column, walk, level)
    except Refused as refused:
        refused.steps.insert(-1, name)
        raise


def _column(column, walk, level):
    """Numbers at once, by numpy; anything else one by one."""
    if getattr(column.dtype, "kind", "O") in "biuf" and type(column.dtype).__module__.startswith("numpy"):
        return walk.value(column.to_numpy(), level - 1)
    return walk.array(column.tolist(), level)


def _is_default(index):
    kind = sys.modules["pandas"].RangeIndex
    return isinstance(index, kind) and index.start == 0 and index.step == 1 and index.name is None


def _label(label, walk, advice):
    """Index labels and column names may be times beside what dicts take as keys."""
    if isinstance(label, (list, dict, tuple)):
        raise Refused(label, f"a label of type {type(label).__name__} cannot be a key: {advice}")
    return key_text(walk.value(label, 0))


def _first_twice(keys):
    seen = set()
    return [key for key in keys if key in seen or seen.add(key)][:1]
