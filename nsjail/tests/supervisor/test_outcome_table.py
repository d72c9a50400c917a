"""Evidence to outcome: the contract's causes, and which of them wins."""

import itertools
import json
import unittest
from types import SimpleNamespace

import jail_config
import outcome
from evidence import Evidence

from . import NSJAIL

LIMITS = jail_config.read_jail_config(str(NSJAIL / "jail.cfg")).limits
JOB = SimpleNamespace(timeout_ms=700, memory_bytes=64 << 20)
GOOD = (b'{"status":"succeeded","error":null}', b'{"a":1}')
EXITED_3, KILLED = 3 << 8, 9

# Each piece of evidence and the code it gives, in the order in which they win over what follows.
BY_PRECEDENCE = [
    ("memory_exceeded", True, "memory_limit"),
    ("output_exceeded", "stdout", "output_limit"),
    ("frame", GOOD, None),
    ("frame_problem", "too_large", "result_too_large"),
    ("sandbox_failure", "lost", "sandbox_failure"),
    ("cancelled", True, "cancelled"),
    ("deadline_passed", True, "timeout"),
    ("wait_status", EXITED_3, "script_exit"),
]


def decide(**facts):
    evidence = Evidence()
    for name, value in facts.items():
        setattr(evidence, name, value)
    return outcome.decide(evidence, JOB, LIMITS)


def own(error):
    return decide(frame=(json.dumps({"status": "failed", "error": error}).encode(), b""))


class Precedence(unittest.TestCase):
    def test_every_combination_gives_the_strongest_cause(self):
        for count in range(1, len(BY_PRECEDENCE) + 1):
            for chosen in itertools.combinations(BY_PRECEDENCE, count):
                with self.subTest([name for name, _, _ in chosen]):
                    decided = decide(**{name: value for name, value, _ in chosen})
                    self.assertEqual(decided.error and decided.error["code"], chosen[0][2])

    def test_a_whole_result_wins_over_the_deadline(self):
        decided = decide(frame=GOOD, deadline_passed=True)
        self.assertEqual((decided.status, decided.error, decided.result), ("succeeded", None, b'{"a":1}'))

    def test_a_whole_result_wins_over_a_cancel(self):
        self.assertEqual(decide(frame=GOOD, cancelled=True).status, "succeeded")

    def test_a_cancelled_job_has_not_failed(self):
        decided = decide(cancelled=True, deadline_passed=True)
        self.assertEqual((decided.status, decided.error["code"]), ("cancelled", "cancelled"))

    def test_the_oom_counter_wins_over_a_result(self):
        self.assertEqual(decide(frame=GOOD, memory_exceeded=True).error["code"], "memory_limit")


class ByWaitStatus(unittest.TestCase):
    def test_every_exit_code_is_script_exit(self):
        for code in range(256):
            error = decide(wait_status=code << 8).error
            self.assertEqual((error["code"], error["exit_code"]), ("script_exit", code))

    def test_every_signal_is_crashed_with_its_name(self):
        for number in range(1, 65):
            if number in (32, 33):  # libc's own; no name in Python
                continue
            error = decide(wait_status=number).error
            self.assertEqual(error["code"], "crashed")
            self.assertRegex(error["signal"], r"\ASIG[A-Z0-9]+(\+\d+)?\Z")
        self.assertEqual(decide(wait_status=KILLED | 0x80).error["signal"], "SIGKILL", "with a core dump too")


class ByFrame(unittest.TestCase):
    def test_a_scripts_own_causes_pass(self):
        for code in ("syntax_error", "main_missing", "script_error", "script_exit", "result_not_json", "result_too_large",
                     "memory_limit"):
            self.assertEqual(own({"code": code, "message": "m"}).error, {"code": code, "message": "m"})

    def test_known_fields_pass_and_others_do_not(self):
        error = {"code": "script_error", "message": "m", "type": "KeyError", "line": 3, "column": 1, "traceback": "t",
                 "path": "$.a", "exit_code": -1}
        self.assertEqual(own({**error, "signal": "SIGSEGV", "status": 1, "type2": "x"}).error, error)

    def test_a_null_field_is_as_good_as_absent(self):
        self.assertEqual(own({"code": "script_error", "message": "m", "line": None}).error, {"code": "script_error", "message": "m"})

    def test_causes_that_are_not_the_scripts_to_tell_are_refused(self):
        for code in ("timeout", "crashed", "output_limit", "sandbox_failure", "worker_lost", "cancelled", "expired", "x", None, []):
            self.assertEqual(own({"code": code, "message": "m"}).error["code"], "result_not_json")

    def test_what_is_not_well_formed_is_refused(self):
        headers = [b"", b"{", b"[]", b"1", b"null", b"\xff", b"{}", b'{"status":"failed"}', b'{"status":"failed","error":null}',
                   b'{"status":"failed","error":[]}', b'{"status":"failed","error":{"code":"script_error","message":1}}',
                   b'{"status":"failed","error":{"code":"script_error","message":"","line":1.5}}',
                   b'{"status":"failed","error":{"code":"script_error","message":"","line":true}}',
                   b'{"status":"failed","error":{"code":"script_error","message":"","line":1e999}}',
                   b'{"status":"failed","error":{"code":"script_error","message":"","line":' + b"9" * 5000 + b"}}",
                   b"[" * 200_000]
        for header in headers:
            with self.subTest(header[:60]):
                self.assertEqual(decide(frame=(header, b"1")).error["code"], "result_not_json")
        for result in (b"", b"\xff", b'"\xed\xa0\x80"'):
            self.assertEqual(decide(frame=(GOOD[0], result)).error["code"], "result_not_json")

    def test_texts_are_cut_to_their_bounds_between_characters(self):
        error = own({"code": "script_error", "message": "x" + "é" * 5000, "traceback": "y" * 20_000, "type": "\ud800"}).error
        self.assertEqual(len(error["message"].encode()), 4095)
        self.assertEqual(len(error["traceback"]), 16 << 10)
        self.assertEqual(error["type"], "?")
