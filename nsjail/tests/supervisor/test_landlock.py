"""The landlock level: what holds a job in a plain container, where Docker's own seccomp profile refuses namespaces."""

import errno
import json
import os
import tempfile
import unittest

import landlock_rules
from build_filters import AUDIT_ARCHITECTURE, SELF
from syscall_numbers import ARCHITECTURES, NUMBERS

from . import NSJAIL
from .bpf_machine import answer
from .each_driver import SlotTest
from .slots import LandlockDriver
from .test_filter import CALLS, here, try_call
from .test_warm_start import PAIRS, search_for_secrets

POINTER = 0x7F0000000000
REFUSED = {name: number for number, names, _ in landlock_rules.REFUSED for name in names.split()}
# By argument: what is refused, and what a library or an interpreter asks for.
BY_ARGUMENT = [
    ("clone", [0x3D0F00], 0),  # a thread, as libc makes it
    ("clone", [0x1200011], errno.EPERM),  # a process
    ("clone", [0x4100 | 17], errno.EPERM),  # CLONE_VM and CLONE_VFORK, as posix_spawn
    ("clone", [0x3D0F00 & ~0x400], errno.EPERM),  # a thread with descriptors of its own
    ("fallocate", [3, 0, 0, 4096], 0),
    ("fallocate", [3, 1, 0, 1 << 30], errno.EOPNOTSUPP),  # FALLOC_FL_KEEP_SIZE
    ("close_range", [3, 4, 0], 0),
    ("close_range", [3, 4, 2], errno.EPERM),
    ("prctl", [15, POINTER], 0),  # PR_SET_NAME
    ("prctl", [1, 0], errno.EPERM),
    ("kill", [SELF, 15], 0),
    ("kill", [0, 9], errno.EPERM),
    ("kill", [0xFFFFFFFF, 9], errno.EPERM),
    ("kill", [1, 9], errno.EPERM),
    ("tgkill", [SELF, SELF, 6], 0),
    ("tgkill", [1, 1, 6], errno.EPERM),
    ("sendto", [3, POINTER, 1, 0, 0, 0], 0),
    ("sendto", [3, POINTER, 1, 0, POINTER, 16], errno.EPERM),
    ("fcntl", [1, 3], 0),
    ("fcntl", [1, 8, 1], errno.EPERM),
    ("fcntl", [1, 10, 9], errno.EPERM),
    ("fcntl", [1, 15, POINTER], errno.EPERM),
    ("ioctl", [1, 0x5401], 0),
    ("ioctl", [1, 0x8901, POINTER], errno.EPERM),
    ("ioctl", [1, 0x8902, POINTER], errno.EPERM),
    ("ioctl", [1, 0x8900, POINTER], errno.EPERM),
    ("ioctl", [1, 0x8BFF, POINTER], errno.EPERM),
    ("ioctl", [1, 0x88FF, POINTER], 0),
    ("ioctl", [1, 0x8C00, POINTER], 0),
    ("ioctl", [1, 0x541B, POINTER], 0),  # FIONREAD
    ("ioctl", [1, 0x5421, POINTER], 0),  # FIONBIO
]


class Filter(unittest.TestCase):
    def answers(self, machine):
        program = (NSJAIL / "seccomp" / f"landlock.{machine}.bpf").read_bytes()
        return lambda number, arguments=(): answer(program, AUDIT_ARCHITECTURE[machine], number, list(arguments))

    def test_it_refuses_what_a_jails_does(self):
        for machine in AUDIT_ARCHITECTURE:
            refuse = self.answers(machine)
            for call in CALLS:
                number = call["numbers"].get(machine)
                if number is not None:
                    arguments = [value if isinstance(value, int) else POINTER for value in call["arguments"]]
                    self.assertIn(refuse(number, arguments), (call["errno"], errno.EPERM, errno.EAFNOSUPPORT), call["name"])

    def test_it_refuses_what_namespaces_would_have_held(self):
        for column, machine in enumerate(ARCHITECTURES):
            refuse = self.answers(machine)
            for name, number in REFUSED.items():
                if NUMBERS[name][column] is not None:
                    self.assertEqual(refuse(NUMBERS[name][column]), number, (machine, name))
            for name, arguments, number in BY_ARGUMENT:
                self.assertEqual(refuse(NUMBERS[name][column], arguments), number, (machine, name, arguments))
        self.assertEqual({name for name, _, _ in BY_ARGUMENT}, {rule[1] for rule in landlock_rules.REFUSED_WITH})

    def test_it_refuses_nothing_else(self):
        for column, machine in enumerate(ARCHITECTURES):
            ruled = {call["numbers"].get(machine) for call in CALLS}
            ruled |= {NUMBERS[name][column] for name in (*REFUSED, *(name for name, _, _ in BY_ARGUMENT))}
            refuse = self.answers(machine)
            self.assertEqual([number for number in range(450) if number not in ruled and refuse(number) != 0], [])


class LandlockTest(SlotTest):
    driver = LandlockDriver()


class Held(LandlockTest):
    def test_the_slot_says_what_it_gives(self):
        ready = self.slot.ready
        self.assertEqual((ready["isolation"], ready["limits_enforced_by"]), ("landlock", "sampling"))

    def test_every_call_is_refused_in_a_job(self):
        machine = os.uname().machine
        alone = [{"name": name, "numbers": dict(zip(ARCHITECTURES, NUMBERS[name])), "arguments": [], "errno": number}
                 for name, number in REFUSED.items() if NUMBERS[name][ARCHITECTURES.index(machine)] is not None]
        for call in [*here(CALLS), *alone]:
            with self.subTest(call["name"]):
                returned, number = try_call(self.slot, call)
                self.assertEqual(returned, -1)
                self.assertIn(number, (call["errno"], errno.EPERM, errno.EAFNOSUPPORT))

    def test_memory(self):
        for script in ("memory_at_once", "memory_step_by_step", "memory_error"):
            self.assert_failed(self.run_file(script), "memory_limit")

    def test_threads(self):
        self.assert_returned(self.run_file("starts_threads", input="64"), "64")
        self.assert_failed(self.run_file("starts_threads", input="65"), "memory_limit", message="The script had more than 64 threads.")

    def test_files_however_they_are_kept(self):
        full = "The script wrote more than 64 MiB to /tmp."
        self.assert_failed(self.run_file("fills_tmp"), "memory_limit", message=full)
        self.assert_failed(self.run_file("unlinked_open_files", input="false"), "memory_limit", message=full)
        self.assert_failed(self.run_file("unlinked_mapped_files"), "memory_limit", message=full)
        self.assert_failed(self.run_file("unlinked_open_files", input="true"), "memory_limit",
                           message="The script hid the files that it has open.")
        self.assert_failed(self.run_file("memory_after_its_first_thread", input="true"), "memory_limit", message=full)
        self.assert_failed(self.run_file("memory_after_its_first_thread", input="false"), "memory_limit")
        self.assert_failed(self.run_file("makes_inodes"), "memory_limit", message="The script made more than 1024 files in /tmp.")

    def test_a_file_in_tmp_counts_as_memory(self):
        result = self.run_file("leaves_full_tmp", memory_bytes=32 << 20)
        self.assert_failed(result, "memory_limit", message="The script used more than its 32 MiB of memory.")


class Crossing(LandlockTest):
    def test_a_secret_of_a_job_is_never_found_by_the_next_one(self):
        searched = search_for_secrets(self.slot, PAIRS // 4)
        self.assertEqual(searched["found"], [])
        self.assertGreater(searched["mib"], 20)


class Start(LandlockTest):
    shares_slot = False

    def isolation(self, **how):
        with self.driver.start(**how) as slot:
            return slot.ready["isolation"], json.loads(slot.run("import os\ndef main(): return [os.getuid(), os.listdir('/tmp')]").result)

    def refusal(self, *flags):
        with self.assertRaises(AssertionError) as caught:
            self.driver.start(flags=flags).close()
        return str(caught.exception)

    def test_there_is_one_slot_because_two_would_share_tmp(self):
        other = "/usr/bin/python3 -I -S /opt/jobcell/launcher --nsjail-dir /opt/jobcell --run-dir /dev/shm/run --isolation landlock"
        refused = f"(until grep -q '[j]obcell/supervisor' /proc/*/cmdline; do :; done; {other} < /dev/null > /dev/null) &"
        with self.driver.start(before=refused) as slot:
            self.assertEqual(slot.run_file("sleeps", timeout_ms=4000).code, "timeout")
        self.assertIn("all slot numbers of this host are in use, 0 to 0", slot.last_words)

    def test_the_first_job_finds_nothing_of_before(self):
        left = "mkdir -p /tmp/left/behind && touch /tmp/left/behind/file && chmod 0 /tmp/left/behind"
        self.assertEqual(self.isolation(before=left), ("landlock", [10001, []]))

    def test_locks_in_tmp_would_be_a_jobs(self):
        with self.assertRaisesRegex(AssertionError, "must not lie in /tmp"):
            self.driver.start(before="ln -s /tmp/run /dev/shm/link", run_dir="/dev/shm/link").close()

    def test_as_root_a_job_has_a_user_of_its_own(self):
        isolation, (uid, _) = self.isolation(flags=["--user=0:0", "--cap-add=SETUID", "--cap-add=SETGID"])
        self.assertEqual(isolation, "landlock")
        self.assertGreaterEqual(uid, 70000)

    def test_a_mount_in_tmp_is_refused_and_stays_as_it_is(self):
        with tempfile.TemporaryDirectory() as folder:
            kept = os.path.join(folder, "kept")
            open(kept, "w", encoding="ascii").close()
            for point in ("/tmp", "/tmp/inner"):
                self.assertIn(f"{point} must not be mounted", self.refusal(f"--volume={folder}:{point}"))
            self.assertTrue(os.path.exists(kept))
        self.assertEqual(self.isolation(flags=["--tmpfs=/tmp"])[0], "landlock")

    def test_without_landlock_there_is_no_slot(self):
        refused = {"names": ["landlock_create_ruleset", "unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno.EPERM}
        profile = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [refused]}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(profile, file)
            file.flush()
            with self.driver.start(flags=[f"--security-opt=seccomp={file.name}"]) as slot:
                self.assertEqual(slot.ready["type"], "spent")
                self.assertIn("this kernel has no Landlock", slot.ready["reason"])


del LandlockTest
