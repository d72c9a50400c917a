"""What becomes of jobs that end in every way there is. After each the slot takes the next job."""

import json

from .each_driver import each_driver
from .slots import MIB


@each_driver
class Outcomes:
    def test_a_result_and_what_was_printed_come_back(self):
        result = self.run_file("hello")
        self.assert_returned(result, '{"msg":"done"}')
        self.assertEqual(result.stdout, b"hello\n")
        self.assertFalse(result.header["stdout_truncated"])

    def test_a_check_compiles_and_does_not_run(self):
        result = self.slot.run("print(1)\ndef main(:\n", kind="check")
        report = json.loads(result.result)
        self.assertFalse(report["valid"])
        self.assertEqual(report["problems"][0]["code"], "syntax_error")
        self.assertEqual(result.stdout, b"")

    def test_an_endless_loop_is_a_timeout_and_keeps_what_it_printed(self):
        result = self.run_file("endless_loop", timeout_ms=700)
        self.assert_failed(result, "timeout")
        self.assertEqual(result.stdout, b"before\n")
        self.assertLess(result.header["run_ms"], 700 + 250)
        self.assertGreater(result.header["cpu_ms"], 100)

    def test_a_sleeping_script_is_a_timeout_and_uses_no_cpu(self):
        result = self.run_file("sleeps", timeout_ms=300)
        self.assert_failed(result, "timeout")
        self.assertLess(result.header["cpu_ms"], 100)

    def test_a_stopped_process_is_a_timeout(self):
        self.assert_failed(self.run_file("stops_itself", timeout_ms=300), "timeout")

    def test_a_result_before_the_deadline_is_no_timeout(self):
        self.assert_returned(self.run_file("memory_within_limit", input="1", timeout_ms=5000), "1")

    def test_a_fork_bomb_is_a_timeout(self):
        result = self.run_file("fork_bomb", timeout_ms=1000)
        self.assert_failed(result, "timeout")
        self.assertLess(result.header["run_ms"], 1000 + 500)

    def test_exit_codes_of_any_value_are_script_exit(self):
        for code in (0, 1, 137, 255):
            result = self.run_file("os_exit", input=str(code))
            self.assert_failed(result, "script_exit", exit_code=code)
            self.assertEqual(result.stdout, b"kept\n")

    def test_signals_of_its_own_are_crashed(self):
        self.assert_failed(self.run_file("segfault"), "crashed", signal="SIGSEGV")
        for number, name in ((9, "SIGKILL"), (6, "SIGABRT"), (15, "SIGTERM"), (40, "SIGRTMIN+6")):
            self.assert_failed(self.run_file("killed_by_itself", input=str(number)), "crashed", signal=name)

    def test_output_is_cut_at_its_cap_and_said_to_be(self):
        for count, truncated in ((MIB, False), (MIB + 1, True), (16 * MIB, True)):
            result = self.run_file("output_over_cap", input=str(count))
            self.assert_returned(result, str(count))
            self.assertEqual((len(result.stdout), result.header["stdout_truncated"]), (min(count, MIB), truncated))

    def test_output_past_sixteen_times_its_cap_is_output_limit(self):
        self.assert_failed(self.run_file("output_over_cap", input=str(16 * MIB + 1)), "output_limit")
        for name in ("output_lines_forever", "output_without_newlines"):
            result = self.run_file(name)
            self.assert_failed(result, "output_limit")
            self.assertEqual((len(result.stdout), result.header["stdout_truncated"]), (MIB, True))
        result = self.run_file("errors_forever")
        self.assert_failed(result, "output_limit")
        self.assertEqual((len(result.stderr), result.header["stderr_truncated"]), (MIB // 4, True))

    def test_children_that_hold_the_pipes_do_not_hold_the_answer(self):
        for name, text in (("leaves_daemon", '"parent done"'), ("output_from_children_forever", '"answer"')):
            result = self.run_file(name)
            self.assert_returned(result, text)
            self.assertLess(result.header["run_ms"], 1000)
            self.assertLess(result.clearing_ms, 1500)

    def test_a_result_that_is_too_large_is_told(self):
        self.assert_failed(self.run_file("returns_huge", input="5"), "result_too_large")
        self.assertEqual(len(self.run_file("returns_huge", input="3").result), 3 * MIB + 2)

    def test_packages_can_be_imported(self):
        self.assert_returned(self.run_file("imports_pandas", timeout_ms=30_000), '{"CH":2,"DE":1}')


@each_driver
class Forging:
    """A script that finds the result's descriptor can choose its result, and nothing else."""

    def test_a_forged_frame_is_at_most_its_own_result(self):
        result = self.run_file("forges_frame", input='"result"')
        self.assert_returned(result, '"forged"')
        self.assertLess(result.header["run_ms"], 1000, "a script that goes on after its frame gets no time for it")

    def test_a_forged_frame_cannot_blame_jobcell(self):
        for kind in ("sandbox_failure", "timeout", "no_status", "not_json", "deep_header", "empty_result", "not_utf8"):
            self.assert_failed(self.run_file("forges_frame", input=json.dumps(kind)), "result_not_json")

    def test_forged_lengths_are_refused_before_anything_is_held(self):
        self.assert_failed(self.run_file("forges_frame", input='"huge_header"'), "result_not_json")
        self.assert_failed(self.run_file("forges_frame", input='"huge_result"'), "result_too_large")

    def test_half_a_frame_is_a_timeout(self):
        self.assert_failed(self.run_file("forges_frame", input='"half"', timeout_ms=300), "timeout")

    def test_a_forged_error_is_held_to_its_bounds(self):
        result = self.run_file("forges_frame", input='"long_message"')
        self.assert_failed(result, "script_error")
        self.assertEqual(result.error["message"], "?" + "x" * 4095)

    def test_writing_to_every_descriptor_harms_only_the_script(self):
        self.assert_failed(self.run_file("writes_every_descriptor"), "result_not_json")

    def test_closing_every_descriptor_is_a_timeout(self):
        self.assert_failed(self.run_file("closes_every_descriptor", timeout_ms=300), "timeout")

    def test_no_signal_reaches_the_holder(self):
        self.assert_returned(self.run_file("kills_everyone"), '"nobody else"')
