"""Builds the seccomp filters of jobs, raw `struct sock_filter`s, for each architecture: jail.*.bpf from jail_rules.py, and
landlock.*.bpf from landlock_rules.py too.

`python3 build_filters.py` writes them, `--check` says whether those here are what the rules give."""

import os
import sys
from errno import ENOSYS

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import bpf
import jail_rules
import landlock_rules
from jail_rules import FIRST_UNKNOWN
from syscall_numbers import ARCHITECTURES, NUMBERS

FOLDER = os.path.dirname(os.path.abspath(__file__))
SEARCHED_IN_TURN = 4
AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
RULES = {"jail": [jail_rules], "landlock": [jail_rules, landlock_rules]}
# Stands for the pid of the process that loads the filter, which puts its own in place of it (runner/landlock.py).
SELF = 0x5E1F5E1F


def main(arguments):
    programs = {os.path.join(FOLDER, f"{kind}.{name}.bpf"): build(kind, name) for kind in RULES for name in ARCHITECTURES}
    if arguments == ["--check"]:
        stale = [path for path, program in programs.items() if read(path) != program]
        for path in stale:
            print(f"{path} is not what the rules give: run {os.path.relpath(__file__)}", file=sys.stderr)
        return 1 if stale else 0
    if arguments:
        print("usage: build_filters.py [--check]", file=sys.stderr)
        return 2
    for path, program in programs.items():
        with open(path, "wb") as file:
            file.write(program)
        print(f"{os.path.relpath(path)}: {len(program) // 8} instructions")
    return 0


def build(kind, architecture):
    """The filter as bytes. Programs of another ABI (i386, arm) get no call through at all."""
    program = [
        *bpf.load_architecture(),
        *bpf.unless_equal(AUDIT_ARCHITECTURE[architecture], bpf.refuse(ENOSYS)),
        *bpf.load_number(),
        *bpf.when_at_least(FIRST_UNKNOWN, bpf.refuse(ENOSYS)),
    ]
    answers = {}
    for rules in RULES[kind]:
        for errno, name, argument, how, value, _why in rules.REFUSED_WITH:
            answers.setdefault(name, []).extend(examine(argument, how, value, bpf.refuse(errno)))
    answers = {name: steps + bpf.allow() for name, steps in answers.items()}
    for rules in RULES[kind]:
        for errno, names, _why in rules.REFUSED:
            answers.update({name: bpf.refuse(errno) for name in names.split()})
    column = ARCHITECTURES.index(architecture)
    numbered = {NUMBERS[name][column]: steps for name, steps in answers.items() if NUMBERS[name][column] is not None}
    return b"".join(program + search(sorted(numbered.items())))


def search(answers):
    """By halves: the kernel runs a filter for every call that there is when it is loaded, and it is loaded for each job."""
    if len(answers) > SEARCHED_IN_TURN:
        half = len(answers) // 2
        return bpf.when_at_least(answers[half][0], search(answers[half:])) + search(answers[:half])
    return [step for number, answer in answers for step in bpf.when_equal(number, answer)] + bpf.allow()


def examine(argument, how, value, refusal):
    """Refuses a call by one argument, or goes on."""
    load = bpf.load_argument(argument)
    if how == "any_bit":
        return load + bpf.when_any_bit(value, refusal)
    if how == "no_bit":
        return load + bpf.unless_any_bit(value, refusal)
    if how == "one_of":
        return load + [step for each in value for step in bpf.when_equal(each, refusal)]
    if how == "from_up_to":
        return load + bpf.when_at_least(value[0], bpf.unless_at_least(value[1], refusal))
    if how == "not":
        return load + bpf.unless_equal(value, refusal)
    if how == "not_self":
        return load + bpf.unless_equal(SELF, refusal)
    if how == "not_null":
        return [step for half in (0, 1) for step in bpf.load_argument(argument, half) + bpf.unless_equal(0, refusal)]
    raise ValueError(f"unknown comparison {how!r}")


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
