"""What a running job has printed is told while it runs; its outcome has all of it nevertheless."""

import json
import os
import time
import unittest

import live_output
from live_output import LiveOutput
from loop import Loop
from streams import Output

from . import SCRIPTS
from .each_driver import each_driver, each_local_driver
from .family import supervisor_of, until
from .slots import MIB
from .test_slot_life import resident_kib


def told(live, stream):
    return b"".join(batch for name, batch in live if name == stream)


@each_driver
class Live:
    def test_it_comes_in_order_and_is_the_beginning_of_the_whole(self):
        result = self.slot.run_file("prints_step_by_step", "live", input="15")
        self.assertIsNone(result.error, result.error)
        for stream, whole in (("stdout", result.stdout), ("stderr", result.stderr)):
            said = told(result.live, stream)
            self.assertGreater(len(said), 0)
            self.assertTrue(whole.startswith(said), (whole, said))
        self.assertEqual(result.stdout, b"".join(b"out %d\n" % step for step in range(15)))

    def test_a_short_job_tells_nothing_before_its_outcome(self):
        for _ in range(10):
            result = self.slot.run_file("hello")
            if result.header["run_ms"] < 90:
                self.assertEqual(result.live, [])

    def test_it_comes_while_the_job_runs_and_no_more_than_the_caps(self):
        self.slot.send((SCRIPTS / "live" / "prints_and_stays.py").read_bytes(), timeout_ms=20_000,
                       input=json.dumps([2 * MIB, MIB]))
        self.slot.receive_live(MIB + MIB // 4)
        self.slot.cancel()
        result = self.slot.end()
        self.assertEqual((len(told(result.live, "stdout")), len(told(result.live, "stderr"))), (MIB, MIB // 4))
        self.assertEqual((len(result.stdout), len(result.stderr)), (MIB, MIB // 4))
        self.assertTrue(all(0 < len(batch) <= live_output.BATCH_BYTES for _, batch in result.live))


@each_local_driver
class SlowWorker:
    shares_slot = False

    def test_a_worker_that_does_not_read_costs_the_supervisor_no_memory(self):
        with self.driver.start() as slot:
            slot.run_file("hello")
            supervisor = supervisor_of(slot)
            before = resident_kib(supervisor)
            slot.send((SCRIPTS / "live" / "prints_and_stays.py").read_bytes(), timeout_ms=20_000, input=json.dumps([MIB, 0]))
            self.assertTrue(until(lambda: resident_kib(supervisor) - before >= 1024))  # it has read it all
            time.sleep(5 * live_output.EVERY_SECONDS)  # in which batches would pile up
            self.assertLess(resident_kib(supervisor) - before, 1024 + 3 * live_output.BATCH_BYTES // 1024 + 512)
            slot.cancel()
            result = slot.end()
            self.assertEqual(result.status, "cancelled")
            self.assertTrue(result.stdout.startswith(told(result.live, "stdout")))


class Batches(unittest.TestCase):
    def test_none_is_sent_before_the_last_was_taken_and_then_nothing_is_missing(self):
        loop, channel = Loop(), FakeChannel()
        reading, writing = os.pipe()
        output = Output("stdout", reading, 1000)
        live = LiveOutput(loop, channel)
        live.begin([output])
        for batch in (b"one", b"two", b""):
            os.write(writing, batch or b"three")
            output.read()
            live._tell()
            channel.drained = batch == b"two"
        self.assertEqual(channel.sent, [b"one", b"twothree"])
        live.end()
        os.close(reading)
        os.close(writing)


class FakeChannel:
    def __init__(self):
        self.sent, self.drained = [], True

    def send(self, _header, parts):
        self.sent.append(bytes(parts["bytes"]))
