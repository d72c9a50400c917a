"""Builds the jail's seccomp filters from jail_rules.py: jail.x86_64.bpf and jail.aarch64.bpf, raw `struct sock_filter`s.

`python3 build_jail_filter.py` writes them, `--check` says whether those here are what the rules give."""

import os
import sys
from errno import ENOSYS

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import bpf
from jail_rules import FIRST_UNKNOWN, REFUSED, REFUSED_WITH
from syscall_numbers import ARCHITECTURES, NUMBERS

FOLDER = os.path.dirname(os.path.abspath(__file__))
SEARCHED_IN_TURN = 4
AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def main(arguments):
    programs = {os.path.join(FOLDER, f"jail.{name}.bpf"): build(name) for name in ARCHITECTURES}
    if arguments == ["--check"]:
        stale = [path for path, program in programs.items() if read(path) != program]
        for path in stale:
            print(f"{path} is not what jail_rules.py gives: run {os.path.relpath(__file__)}", file=sys.stderr)
        return 1 if stale else 0
    if arguments:
        print("usage: build_jail_filter.py [--check]", file=sys.stderr)
        return 2
    for path, program in programs.items():
        with open(path, "wb") as file:
            file.write(program)
        print(f"{os.path.relpath(path)}: {len(program) // 8} instructions")
    return 0


def build(architecture):
    """The filter as bytes. Programs of another ABI (i386, arm) get no call through at all."""
    column = ARCHITECTURES.index(architecture)
    program = [
        *bpf.load_architecture(),
        *bpf.unless_equal(AUDIT_ARCHITECTURE[architecture], bpf.refuse(ENOSYS)),
        *bpf.load_number(),
        *bpf.when_at_least(FIRST_UNKNOWN, bpf.refuse(ENOSYS)),
    ]
    answers = {}
    for errno, names, _why in REFUSED:
        for name in names.split():
            if NUMBERS[name][column] is not None:
                answers[NUMBERS[name][column]] = bpf.refuse(errno)
    for errno, name, argument, how, values, _why in REFUSED_WITH:
        answers[NUMBERS[name][column]] = examine(argument, how, values, errno)
    return b"".join(program + search(sorted(answers.items())))


def search(answers):
    """By halves: the kernel runs a filter for every call that there is when it is loaded, and it is loaded for each job."""
    if len(answers) > SEARCHED_IN_TURN:
        half = len(answers) // 2
        return bpf.when_at_least(answers[half][0], search(answers[half:])) + search(answers[:half])
    return [step for number, answer in answers for step in bpf.when_equal(number, answer)] + bpf.allow()


def examine(argument, how, values, errno):
    """Decides one call by one argument."""
    body = bpf.load_argument(argument)
    if how == "any_bit":
        body += bpf.when_any_bit(values, bpf.refuse(errno))
    elif how == "one_of":
        for value in values:
            body += bpf.when_equal(value, bpf.refuse(errno))
    elif how == "not":
        for value in values:
            body += bpf.when_equal(value, bpf.allow())
        return body + bpf.refuse(errno)
    else:
        raise ValueError(f"jail_rules.py: unknown comparison {how!r}")
    return body + bpf.allow()


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
