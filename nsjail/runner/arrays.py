"""numpy's scalars and arrays as JSON.

Times as ISO 8601, NaN and NaT as null. Complex numbers, bytes and time spans have
no one form in JSON, so they are refused.
"""

from .problems import Refused


def table(numpy):
    def scalar(value, walk, level):
        return _scalar(numpy, value, walk, level)

    def array(value, walk, level):
        return _array(numpy, value, walk, level)

    return {numpy.generic: scalar, numpy.ndarray: array}


def _scalar(numpy, value, walk, level):
    kind = value.dtype.kind
    if kind in "biu":
        return value.item()
    if kind == "f":
        return walk.value(float(value), level)
    if kind in "mM" and numpy.isnat(value):
        return None
    if kind in "MU":
        return walk.value(str.__str__(str(value)), level)
    if kind == "V" and value.dtype.names:
        return walk.value(value.item(), level)
    raise Refused(value)


def _array(numpy, value, walk, level):
    if type(value) is not numpy.ndarray:
        return walk.value(value.tolist(), level)  # masked ones know their nulls
    if value.ndim == 0:
        return walk.value(value[()], level)
    kind = value.dtype.kind
    if kind not in "biufM":
        return walk.container(value, level)
    walk.check_level(value, level + value.ndim)
    walk.grow(2 * value.size)
    if kind == "f":
        with numpy.errstate(over="ignore"):
            doubles = value.astype(float, copy=False)
        return _with_nulls(doubles, ~numpy.isfinite(doubles))
    if kind == "M":
        return _with_nulls(numpy.datetime_as_string(value), numpy.isnat(value))
    return value.tolist()


def _with_nulls(values, absent):
    if not absent.any():
        return values.tolist()
    objects = values.astype(object)
    objects[absent] = None
    return objects.tolist()
