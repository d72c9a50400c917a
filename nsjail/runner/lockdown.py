"""What the job process gives up before it reads the first byte of a job.

One order for every start: descriptors, session, limits, no_new_privs, filter. The
filter is last because it refuses what the steps before it need.
"""

import posix

from . import libc
from .frames import RESULT

ANY_DESCRIPTOR = 4096

# Linux numbers; the `resource` module would cost another import.
RLIMITS = {"cpu": 0, "fsize": 1, "data": 2, "stack": 3, "core": 4, "nproc": 6, "nofile": 7, "memlock": 8, "as": 9}


def apply(setup):
    posix.closerange(RESULT + 1, ANY_DESCRIPTOR)
    posix.setsid()
    for name, value in setup.rlimits.items():
        libc.set_rlimit(RLIMITS[name.lower().removeprefix("rlimit_")], value)
    libc.set_no_new_privs()
    if not setup.filter:
        raise ValueError("the setup message holds no filter: no job runs without one")
    libc.load_filter(setup.filter)
