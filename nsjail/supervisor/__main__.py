"""The supervisor of one slot: wires its parts together. Started with what `launcher/` or the container gives it."""

import os
import sys

import arguments
from channel import Channel
from filter import read_filter
from jail_config import read_jail_config
from loop import Loop
from machine import become_supervisor
from memory import choose_memory
from slot import Slot
from start.cold import ColdStart
from start.landlock import LandlockStart
from start.warm import WarmStart

HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # /opt/jobcell
# In the order in which they are tried: where the host refuses the first, the next has the same isolation.
STARTS = {"warm": [WarmStart, ColdStart], "cold": [ColdStart]}
FILTERS = {"nsjail": "jail", "landlock": "landlock"}


def main():
    options = arguments.parse(sys.argv[1:])
    become_supervisor()
    config = read_jail_config(os.path.join(HOME, "jail.cfg"))
    loop = Loop()
    memory = choose_memory(options, config.limits)
    parts = loop, HOME, config, read_filter(os.path.join(HOME, "seccomp"), FILTERS[options.isolation])
    starts = [LandlockStart] if options.isolation == "landlock" else STARTS[options.start]
    slot = Slot(loop, Channel(loop, 0, 1), starts, parts, memory, config.limits)
    slot.open()
    return loop.run()


if __name__ == "__main__":
    # Not sys.exit: nothing is left that would have to be cleaned up, and a dying slot must die at once.
    os._exit(main())
