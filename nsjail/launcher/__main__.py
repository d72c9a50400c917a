"""Starts one slot without a container: makes its private view of the machine, then becomes the supervisor's parent.

`python3 -I -S nsjail/launcher --nsjail-dir DIR --sandbox-dir DIR [--cgroup auto|require|off] [--start warm|cold]
[--isolation nsjail|landlock] [--run-dir DIR]`, the last in a container of our image alone.
Or `--isolation-here`: prints which of the two can be had at best, and makes nothing.
stdio is the supervisor's. What went wrong is the last line of stderr, as JSON: {"error": …}."""

import os
import sys

# What both sides know of jail.cfg and cgroups lies with the supervisor.
sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "supervisor"))

import arguments
import cgroups
import claim
import child
import kernel
import namespaces
from errors import LaunchError


def main():
    kernel.die_with_parent()
    if sys.argv[1:] == ["--isolation-here"]:
        os.write(1, b"landlock\n" if namespaces.are_refused() else b"nsjail\n")
        return 0
    options = arguments.parse(sys.argv[1:])
    # Slots without namespaces would share /tmp: there is one.
    slots = 1 if options.isolation == "landlock" else claim.MAX_SLOTS
    slot = claim.claim_slot(os.geteuid() == 0, slots, options.run_dir if arguments.IN_IMAGE else None)
    cgroup = cgroups.make(slot, options)
    try:
        return child.run(options, slot, cgroup)
    finally:
        cgroups.remove(cgroup)


if __name__ == "__main__":
    try:
        code = main()
    except LaunchError as error:
        os.write(2, error.to_line())
        code = error.exit_code
    os._exit(code)
