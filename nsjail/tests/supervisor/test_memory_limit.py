"""The memory limit: the job is what ends, never the slot, and the next job has all of it again."""

from .each_driver import each_driver
from .slots import MIB

SMALL = 32 * MIB


@each_driver
class MemoryLimit:
    def test_a_gibibyte_at_once(self):
        self.assert_failed(self.run_file("memory_at_once"), "memory_limit")

    def test_step_by_step(self):
        self.assert_failed(self.run_file("memory_step_by_step"), "memory_limit")

    def test_in_many_children(self):
        self.assert_failed(self.run_file("memory_in_children"), "memory_limit")

    def test_an_allocation_that_python_refuses(self):
        self.assert_failed(self.run_file("memory_error"), "memory_limit")

    def test_a_full_tmp_and_heap_in_the_smallest_job(self):
        for _ in range(5):
            self.assert_failed(self.run_file("full_tmp_and_heap", memory_bytes=SMALL), "memory_limit")

    def test_a_full_tmp_and_heap_in_the_default_job(self):
        self.assert_failed(self.run_file("full_tmp_and_heap"), "memory_limit")

    def test_shared_mappings_that_children_filled_and_left(self):
        for memory_bytes in (SMALL, 256 * MIB):
            result = self.run_file("shared_mappings_left_by_children", memory_bytes=memory_bytes)
            self.assert_failed(result, "memory_limit")

    def test_memory_of_processes_that_hide_their_mappings(self):
        self.assert_failed(self.run_file("memory_in_hidden_children"), "memory_limit")
        self.assert_failed(self.run_file("hidden_shared_mappings"), "memory_limit")

    def test_memory_of_a_process_whose_first_thread_has_ended(self):
        self.assert_failed(self.run_file("memory_after_its_first_thread", input="false"), "memory_limit")

    def test_many_processes_that_ask_for_memory_at_once_never_hold_up_the_slot(self):
        for _ in range(10):
            self.assert_failed(self.run_file("shared_mappings_in_many_children"), "memory_limit")

    def test_a_tmp_that_was_left_full_is_not_the_next_jobs(self):
        for _ in range(3):
            self.assert_returned(self.run_file("leaves_full_tmp", memory_bytes=128 * MIB), '"full"')
            self.assert_returned(self.run_file("memory_within_limit", input="100", memory_bytes=128 * MIB), "100")

    def test_a_job_may_use_what_it_asked_for(self):
        for mib in (32, 256, 700):
            used = mib * 9 // 10
            result = self.run_file("memory_within_limit", input=str(used), memory_bytes=mib * MIB)
            self.assert_returned(result, str(used))

    def test_a_job_may_not_use_much_more_than_it_asked_for(self):
        for mib in (32, 256) * 5:  # however short it was
            result = self.run_file("memory_within_limit", input=str(mib + 40), memory_bytes=mib * MIB)
            self.assert_failed(result, "memory_limit")

    def test_what_the_supervisor_holds_of_a_job_is_not_the_jobs(self):
        # 4 MiB of input and of result, while the script itself uses what it may.
        text = '"' + "x" * (4 * MIB - 2) + '"'
        for _ in range(3):
            result = self.run_file("echo_with_memory_in_use", input=text, memory_bytes=64 * MIB)
            self.assertEqual(result.error, None)
            self.assertEqual(result.result, text)
            self.assertLess(result.clearing_ms, 1000)

    def test_the_peak_is_told(self):
        small = self.run_file("hello").header["peak_memory_bytes"]
        large = self.run_file("memory_within_limit", input="100").header["peak_memory_bytes"]
        self.assertLess(small, 32 * MIB)
        self.assertGreater(large, small)
