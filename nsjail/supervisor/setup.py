"""What is the same for every jail of a slot: nsjail's command line, the runner's, and how a job process locks itself down."""

import json
import os
import struct

PYTHON = "/usr/bin/python3"
RUNNER = [PYTHON, "-I", "-S", "/usr/local/runner/__main__.py"]  # the file: for a folder, Python imports runpy
# The supervisor enforces these itself, see jail.cfg.
OVERRIDES = "--time_limit 0 --cgroup_mem_max 0 --cgroup_pids_max 0".split()


def nsjail_command(home, config, *rest):
    return [os.path.join(home, "bin", "nsjail"), "--config", config.path, *OVERRIDES, *rest]


def setup_message(fields, program):
    """What a job process needs to lock itself down: it, or its template, reads this ahead of any job."""
    header = json.dumps({**fields, "filter": len(program)}).encode()
    return struct.pack(">I", len(header)) + header + program
