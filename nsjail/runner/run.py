"""The order of a run, from an empty jail to one outcome frame."""

import posix
import sys

from . import frames, holder, lockdown

BROKEN = 70


def run(leave=posix._exit):
    holder.split()
    status = BROKEN
    try:
        _do_the_job()
        status = 0
    except BaseException:
        # Before the script ran: ours to mend. After it: a script that broke its own end.
        sys.__excepthook__(*sys.exc_info())
    finally:
        # No atexit handler, no waiting for threads: the outcome is out.
        leave(status)


def _do_the_job():
    lockdown.apply(frames.read_setup())
    from . import outcome  # also what the job process needs later, while it may still be slow

    frames.send_ready()
    job = frames.read_job()
    make = outcome.of_check if job.kind == "check" else outcome.of_run
    frames.send_outcome(*make(job))
