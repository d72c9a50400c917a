"""The one core of a job, by affinity: inherited by all that it starts, and the filter keeps it from asking for others.

It is the core on which the supervisor runs at that moment: woken for the job, it was put on one that was free. That is as
fast as no limit or faster; a share of all cores' time (a quota) is not, and a job that keeps the kernel busy overdraws it."""

import os

import machine


def confine(pid):
    """To the core of the caller. `pid` 0: the caller itself. Raises OSError where it may not, or there is no such process."""
    os.sched_setaffinity(pid, {machine.current_core()})
