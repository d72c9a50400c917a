"""Knows what `main` did while the script's body ran.

The body calls the hook behind each statement that may have bound `main`; the hook
puts a recording stand-in into its place.
"""

import builtins
import posix

from .survey import HOOK

FUNCTION = type(lambda: None)
CO_COROUTINE = 0x80


class Tracker:
    def __init__(self, namespace):
        self.returned = False
        self.value = None
        self.error = None
        self._namespace = namespace
        self._pid = posix.getpid()
        self._originals = {}
        setattr(builtins, HOOK, self._hook)

    def end(self):
        """The body has ended: the script's own object comes back."""
        main = self._namespace.get("main")
        if id(main) in self._originals:
            self._namespace["main"] = self._originals[id(main)][1]

    def has_returned(self, value):
        if posix.getpid() == self._pid:
            self.returned, self.value, self.error = True, value, None

    def has_raised(self, error):
        if posix.getpid() == self._pid and not self.returned:
            self.error = error

    def _hook(self):
        main = self._namespace.get("main")
        if not callable(main) or isinstance(main, type) or id(main) in self._originals:
            return
        stand_in = _stand_in(main, self)
        self._originals[id(stand_in)] = stand_in, main
        self._namespace["main"] = stand_in


def _stand_in(main, tracker):
    if type(main) is not FUNCTION:
        return StandIn(main, tracker)
    make = _asynchronous if main.__code__.co_flags & CO_COROUTINE else _synchronous
    return _dress(make(main, tracker), main)


def _synchronous(main, tracker):
    def tracked(*args, **kwargs):
        try:
            value = main(*args, **kwargs)
        except BaseException as error:
            tracker.has_raised(error)
            raise
        if type(value) is COROUTINE:
            return _awaited(value, tracker)
        tracker.has_returned(value)
        return value

    return tracked


def _asynchronous(main, tracker):
    async def tracked(*args, **kwargs):
        return await _awaited(main(*args, **kwargs), tracker)

    return tracked


async def _awaited(coroutine, tracker):
    try:
        value = await coroutine
    except GeneratorExit:
        raise  # it was given up, not ended by itself
    except BaseException as error:
        tracker.has_raised(error)
        raise
    tracker.has_returned(value)
    return value


def _dress(tracked, main):
    """What `functools.wraps` does, without its import."""
    names = ["__module__", "__name__", "__qualname__", "__doc__", "__type_params__"]
    # From 3.14 on annotations are made when asked for.
    names.append("__annotate__" if hasattr(main, "__annotate__") else "__annotations__")
    for name in names:
        if hasattr(main, name):
            setattr(tracked, name, getattr(main, name))
    tracked.__dict__.update(main.__dict__)
    tracked.__wrapped__ = main
    return tracked


class StandIn:
    """For a `main` that is no function: an object with `__call__`, a partial, a method."""

    def __init__(self, main, tracker):
        self.__dict__.update(__wrapped__=main, _call=_synchronous(main, tracker))

    def __call__(self, *args, **kwargs):
        return self._call(*args, **kwargs)

    def __getattr__(self, name):
        return getattr(self.__wrapped__, name)

    def __setattr__(self, name, value):
        setattr(self.__wrapped__, name, value)

    def __repr__(self):
        return repr(self.__wrapped__)

    @property
    def __class__(self):
        return type(self.__wrapped__)


async def _none():
    pass


_unused = _none()
COROUTINE = type(_unused)
_unused.close()
