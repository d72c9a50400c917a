"""The jail's seccomp filter: built beforehand (seccomp/build_filters.py), sent into each jail, loaded there last."""

import os

INSTRUCTION_BYTES = 8
MAX_INSTRUCTIONS = 4096  # the kernel's own bound


def read_filter(folder, kind):
    """`kind`: "jail", or "landlock" for a job without a jail."""
    machine = os.uname().machine
    path = os.path.join(folder, f"{kind}.{machine}.bpf")
    try:
        with open(path, "rb") as file:
            program = file.read()
    except FileNotFoundError:
        raise SystemExit(f"supervisor: no seccomp filter for {machine} ({path}): jails are not made without one") from None
    if not program or len(program) % INSTRUCTION_BYTES or len(program) > MAX_INSTRUCTIONS * INSTRUCTION_BYTES:
        raise SystemExit(f"supervisor: {path} is not a seccomp filter ({len(program)} bytes)")
    return program
