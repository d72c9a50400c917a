"""Tests of the supervisor, the launcher and the jail. Run from the repository:

    python3 -m unittest discover -s nsjail/tests/supervisor -t nsjail            all of them
    python3 -m unittest discover -s nsjail/tests/supervisor -t nsjail -k docker  one driver, or one test

JOBCELL_SANDBOX names the folder with the sandbox's Python (default: .jobcell/sandbox in the repository)."""

import sys
from pathlib import Path

NSJAIL = Path(__file__).resolve().parents[2]
SCRIPTS = NSJAIL / "tests" / "scripts"

# The supervisor runs as `python3 supervisor/`, so its modules are top-level ones.
for folder in ("supervisor", "seccomp"):
    sys.path.insert(0, str(NSJAIL / folder))
