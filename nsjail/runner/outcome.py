"""One job in, one outcome out: the header of its frame and the result's bytes."""

import builtins
import gc
import posix
import sys

from . import failure, namespace, perform, program, result, streams

SUCCEEDED = {"status": "succeeded", "error": None}


def of_check(job):
    """Compiles, runs nothing. The result says what is wrong with the script."""
    from . import check

    return SUCCEEDED, result.encode(check.report(job.script))


def of_run(job, getpid=posix.getpid):
    streams.install()
    job_process = getpid()
    source = ""
    try:
        source = program.decode(job.script)
        script = program.prepare(source)
        value = perform.perform(script, namespace.install(source), job.input)
        _settle()
        header, body = SUCCEEDED, result.encode(value)
    except BaseException as error:
        _settle()
        header, body = {"status": "failed", "error": failure.describe(error, source)}, b""
    streams.flush()
    if getpid() != job_process:
        _leave_child(header)
    return header, body


def _settle(
    settrace=sys.settrace,
    setprofile=sys.setprofile,
    set_recursion_limit=sys.setrecursionlimit,
    set_digits=sys.set_int_max_str_digits,
    disable_gc=gc.disable,
    restore_builtins=builtins.__dict__.update,
    original_builtins=dict(builtins.__dict__),
    restore_modules=sys.modules.update,
    original_modules={name: sys.modules[name] for name in sys.modules if name != "__main__"},
):
    """Undo what a script may have changed that the last steps would feel.

    No more collections either: the process ends soon.
    """
    settrace(None)
    setprofile(None)
    set_recursion_limit(4000)
    set_digits(0)
    disable_gc()
    restore_builtins(original_builtins)
    restore_modules(original_modules)


def _leave_child(header, write=posix.write, leave=posix._exit):
    """A process that the script forked came to the end: it has no outcome to send."""
    error = header["error"]
    if error is None:
        leave(0)
    write(2, error.get("traceback", "").encode())
    leave(error.get("exit_code", 1))


# Integers of any length, in the input and in the result.
sys.set_int_max_str_digits(0)
