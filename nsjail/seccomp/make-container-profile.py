#!/usr/bin/env python3
"""Writes container.json: Docker's default seccomp profile, plus the calls that a slot makes: nsjail's for a jail, and
the one by which a waiting job process has its own pages copied (`runner/pages.py`; the jail's filter refuses it to jobs).

Takes the path of Docker's default.json. It is in Debian's package golang-github-docker-docker-dev, under
usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/.
"""

import json
import sys
from pathlib import Path

OF_SLOTS = ["clone", "mount", "pivot_root", "process_madvise", "setns", "sethostname", "umount2", "unshare"]


def main(default: Path) -> None:
    profile = json.loads(default.read_text())
    for rule in profile["syscalls"]:
        rule["names"] = [name for name in rule["names"] if name not in OF_SLOTS]
    profile["syscalls"] = [rule for rule in profile["syscalls"] if rule["names"]]
    profile["syscalls"].append({"names": OF_SLOTS, "action": "SCMP_ACT_ALLOW"})
    Path(__file__).with_name("container.json").write_text(json.dumps(profile, indent="\t") + "\n")


main(Path(sys.argv[1]))
