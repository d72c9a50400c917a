"""A job that is cancelled ends at once, whatever it does, and no other job ever does."""

import time

from . import SCRIPTS
from .each_driver import each_driver
from .slots import MIB

AT_ONCE_SECONDS = 0.4
STAYS = "import time\ndef main():\n  print('stays', flush=True)\n  time.sleep(60)"


@each_driver
class Cancel:
    def cancelled(self, name, folder, before):
        """Sends a script, cancels it once it has printed `before`, and expects that outcome."""
        self.slot.send((SCRIPTS / folder / f"{name}.py").read_bytes(), timeout_ms=20_000)
        self.slot.receive_live(len(before))
        return self.end_of_cancel()

    def end_of_cancel(self):
        asked = time.monotonic()
        self.slot.cancel()
        header, parts = self.slot.receive_outcome()
        self.assertLess(time.monotonic() - asked, AT_ONCE_SECONDS)
        self.slot.receive_idle()
        self.assertEqual((header["status"], header["error"]["code"]), ("cancelled", "cancelled"), header)
        self.assertNotIn("result", parts)
        self.assertEqual(self.slot.run_file("hello").result, '{"msg":"done"}', "the next job on the slot")
        return header, parts

    def test_an_endless_loop_is_ended_and_what_it_printed_is_kept(self):
        header, parts = self.cancelled("endless_loop", "containment", b"before\n")
        self.assertEqual(parts["stdout"], b"before\n")
        self.assertGreater(header["run_ms"], 90)
        self.assertGreater(header["cpu_ms"], 10)

    def test_processes_that_ignore_every_signal_are_ended(self):
        self.cancelled("ignores_everything", "live", b"ignoring\n")

    def test_one_that_floods_its_output_is_ended(self):
        _, parts = self.cancelled("floods_for_long", "live", b"x")
        self.assertGreater(len(parts["stdout"]), 0)
        self.assertLessEqual(len(parts["stdout"]), MIB)

    def test_a_cancel_right_behind_the_job_ends_it_whether_its_jail_is_there_or_not(self):
        for pause in range(8):
            self.slot.send(STAYS, timeout_ms=20_000)
            time.sleep(pause * 0.008)  # anywhere in the making of a cold jail
            self.end_of_cancel()

    def test_a_cancel_that_meets_the_result_gives_one_of_the_two(self):
        # Which of them comes first is the moment's; that it is one of them and nothing in between is not.
        seen = set()
        for pause in range(10):
            self.slot.send("def main(): return 1")
            time.sleep(pause * 0.001)
            self.slot.cancel()
            header, parts = self.slot.receive_outcome()
            self.slot.receive_idle()
            seen.add((header["status"], parts.get("result")))
        self.assertLessEqual(seen, {("succeeded", b"1"), ("cancelled", None)})

    def test_a_late_cancel_never_touches_the_next_job(self):
        for _ in range(20):
            self.slot.send("def main(): return 1")
            late = self.slot.number
            self.slot.receive_outcome()
            self.slot.cancel(late)  # the slot is clearing
            self.slot.receive_idle()
            self.slot.cancel(late)  # it is idle
            self.slot.send("def main(): return 2")
            self.slot.cancel(late)  # the next job is there
            result = self.slot.end()
            self.assertEqual((result.status, result.result), ("succeeded", "2"))

    def test_a_cancel_of_nothing_is_harmless(self):
        for number in (0, -1, 10**9, None, "1", [], True):
            self.slot.say({"type": "cancel", "number": number})
        self.slot.say({"type": "cancel"})
        self.assertEqual(self.slot.run_file("hello").result, '{"msg":"done"}')
