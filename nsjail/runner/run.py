"""The order of a run, from an empty jail to one outcome frame."""

import posix
import sys

import _signal

from . import frames, holder, lockdown

BROKEN = 70


def run():
    """The cold start: this interpreter is pid 1 of a new jail, and forks its job process."""
    holder.split()
    do_the_job(lambda: lockdown.apply(frames.read_setup()))


def do_the_job(lock_down, leave=posix._exit, wait=_signal.pause):
    """The life of a job process, whatever its start. Does not return."""
    status = BROKEN
    try:
        lock_down()
        from . import outcome  # also what the job process needs later, while it may still be slow

        frames.send_ready()
        job = frames.read_job()
        lockdown.set_rlimits(job.rlimits)
        make = outcome.of_check if job.kind == "check" else outcome.of_run
        frames.send_outcome(*make(job))
        wait()  # for its end: what it has used can then still be read
        status = 0
    except BaseException:
        # Before the script ran: ours to mend. After it: a script that broke its own end.
        sys.__excepthook__(*sys.exc_info())
    finally:
        # No atexit handler, no waiting for threads: the outcome is out.
        leave(status)
