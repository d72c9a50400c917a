"""The jail's seccomp filter: every rule is in force on every driver, and makes a difference where the filter is off."""

import errno
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import jail_rules
from build_filters import AUDIT_ARCHITECTURE

from . import NSJAIL, SCRIPTS
from .bpf_machine import answer
from .each_driver import SlotTest, each_driver
from .slots import DRIVERS

CALLS = json.loads((SCRIPTS / "filter" / "calls.json").read_text())
X32_BIT = 0x40000000
ENOSYS = [-1, errno.ENOSYS]
ALLOW_EVERYTHING = struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000)


def try_call(slot, call):
    request = json.dumps({"numbers": call["numbers"], "arguments": call["arguments"]})
    result = slot.run_file("try_call", "filter", input=request)
    assert result.error is None, result.error
    return json.loads(result.result)


def here(calls):
    machine = os.uname().machine
    return [call for call in calls if machine in call["numbers"]]




class Build(unittest.TestCase):
    def test_the_committed_filters_are_what_the_rules_give(self):
        command = [sys.executable, str(NSJAIL / "seccomp" / "build_filters.py"), "--check"]
        self.assertEqual(subprocess.run(command, capture_output=True, text=True).stderr, "")

    def test_every_rule_has_a_test(self):
        tested = {call["name"].split()[0].rstrip(",") for call in CALLS}
        refused = {name for _, names, _ in jail_rules.REFUSED for name in names.split()}
        self.assertEqual((refused | {rule[1] for rule in jail_rules.REFUSED_WITH}) - tested, set())

    def test_it_refuses_what_it_should_and_nothing_else_on_every_architecture(self):
        for machine, architecture in AUDIT_ARCHITECTURE.items():
            program = (NSJAIL / "seccomp" / f"jail.{machine}.bpf").read_bytes()
            refused = set()
            for call in CALLS:
                number = call["numbers"].get(machine)
                if number is not None:
                    arguments = [value if isinstance(value, int) else 0x7F0000000000 for value in call["arguments"]]
                    self.assertEqual(answer(program, architecture, number, arguments), call["errno"], (machine, call["name"]))
                    refused.add(number)
            for number in range(jail_rules.FIRST_UNKNOWN):
                if number not in refused:
                    self.assertEqual(answer(program, architecture, number), 0, (machine, number))
            for number in (450, 1000, X32_BIT, X32_BIT | 39, 0xFFFFFFFF):
                self.assertEqual(answer(program, architecture, number), errno.ENOSYS)
            for foreign in (0x40000003, 0x40000028, 0):
                self.assertEqual(answer(program, foreign, 39), errno.ENOSYS)

    def test_what_ordinary_programs_ask_for_is_allowed(self):
        program = (NSJAIL / "seccomp" / "jail.x86_64.bpf").read_bytes()
        thread, process = 0x3D0F00, 0x1200011
        for number, arguments in ((56, [thread]), (56, [process]), (41, [1, 1]), (53, [1, 2]), (302, [0, 7]), (72, [1, 1032]),
                                  (72, [1, 1030]), (16, [1, 0x5401]), (135, [0xFFFFFFFF])):
            self.assertEqual(answer(program, AUDIT_ARCHITECTURE["x86_64"], number, arguments), 0, (number, arguments))

    def test_the_numbers_are_libseccomps(self):
        try:
            from seccomp import Arch, resolve_syscall  # not our folder of that name
        except ImportError:
            self.skipTest("needs python3-seccomp")
        from syscall_numbers import NUMBERS

        machines = (Arch.X86_64, Arch.AARCH64)
        for name, numbers in NUMBERS.items():
            for machine, number in zip(machines, numbers):
                try:
                    resolved = resolve_syscall(Arch(machine), name)
                except ValueError:
                    continue  # libseccomp is older than the call
                if resolved >= 0:
                    self.assertEqual(resolved, number, name)


@each_driver
class Rules:
    def test_every_rule_refuses_its_call(self):
        for call in here(CALLS):
            with self.subTest(call["name"]):
                self.assertEqual(try_call(self.slot, call), [-1, call["errno"]])

    def test_no_other_abi_gets_a_call_through(self):
        result = self.slot.run_file("other_abi", "filter")
        found = json.loads(result.result)
        self.assertIn(found, (None, dict.fromkeys(found or (), -errno.ENOSYS)))

    def test_threads_and_children_are_held_by_it_too(self):
        self.assert_returned(self.slot.run_file("inherited", "filter"), json.dumps([errno.EPERM] * 3).replace(" ", ""))


class WithoutFilter(SlotTest):
    """The control: where a rule makes no difference, its test above would prove nothing."""

    driver = DRIVERS[0] if DRIVERS[0].refusal() is None else DRIVERS[1]

    @classmethod
    def setUpClass(cls):
        folder = Path(tempfile.mkdtemp(prefix="jobcell-test-"))
        cls.addClassCleanup(shutil.rmtree, folder)
        shutil.copytree(NSJAIL, folder / "nsjail", ignore=shutil.ignore_patterns("tests", "__pycache__"))
        for path in (folder / "nsjail" / "seccomp").glob("*.bpf"):
            path.write_bytes(ALLOW_EVERYTHING)
        cls.slot = cls.driver.start(folder / "nsjail")
        cls.addClassCleanup(cls.slot.close)

    def test_every_rule_makes_a_difference(self):
        absent = []
        for call in here(CALLS):
            with self.subTest(call["name"]):
                answer = try_call(self.slot, call)
                if answer == ENOSYS and call["errno"] == errno.ENOSYS:
                    absent.append(call["name"])  # this kernel was built without the call
                else:
                    self.assertNotEqual(answer, [-1, call["errno"]])
        self.assertLess(len(absent), len(CALLS) // 8, absent)

    def test_the_i386_entry_would_make_a_user_namespace(self):
        found = json.loads(self.slot.run_file("other_abi", "filter").result)
        if found is None or found["i386_getpid"] == -errno.ENOSYS:
            self.skipTest("this machine has no i386 entry")
        self.assertEqual(found["i386_unshare"], 0)
