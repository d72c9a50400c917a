"""Runs a compiled script: its body, then `main` unless the body has called it."""

import posix
import sys

from .problems import main_missing

# A script finds as many levels free as in a shell; the stand-in of a tracked
# `main` takes a second one for each call.
RECURSION_LIMIT = 1000
_has, _type = hasattr, type  # a script may have replaced the builtins


def perform(program, module, input):
    """Returns what `main` returned. Raises what ended the script."""
    namespace = module.__dict__
    process = posix.getpid()
    depth = _depth()
    tracker = None
    if program.tracked:
        from .tracker import Tracker

        tracker = Tracker(namespace)
        sys.setrecursionlimit(2 * RECURSION_LIMIT + depth)
    else:
        sys.setrecursionlimit(RECURSION_LIMIT + depth)
    try:
        exec(program.code, namespace)
    except SystemExit:
        if not (tracker and tracker.returned):
            raise
    if posix.getpid() != process:
        return None  # a child that the body forked: `main` is not its to call
    if tracker:
        if tracker.returned:
            return _settled(tracker.value)
        if tracker.error:
            raise tracker.error
        tracker.end()
    main = namespace.get("main")
    if not callable(main):
        raise _not_callable(namespace)
    return _settled(_call(main, input))


def _call(main, input):
    if input is None:
        return main()
    from .call import call

    return call(main, input)


def _settled(value):
    """Awaits what an async `main` gave; pending tasks get no time after it."""
    if not _has(_type(value), "__await__"):
        return value
    import asyncio

    async def wait():
        return await value

    return asyncio.Runner().run(wait())


def _not_callable(namespace):
    if "main" not in namespace:
        return main_missing("the script ended without binding a top-level `main`")
    kind = type(namespace["main"]).__name__
    return main_missing(f"`main` is not callable: the script bound it to an object of type {kind}")


def _depth():
    depth, frame = 0, sys._getframe()
    while frame := frame.f_back:
        depth += 1
    return depth
