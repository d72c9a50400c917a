"""What comes out of a jail, never held beyond its bound."""

import os
import struct
import unittest

import streams

HEADER = b'{"status":"succeeded","error":null}'


def frame(header=HEADER, result=b"1"):
    return struct.pack(">II", len(header), len(result)) + header + result


class ResultFrames(unittest.TestCase):
    def test_a_frame_is_whole_wherever_it_is_split(self):
        sent = frame(result=b'"x"')
        for at in range(len(sent)):
            read = streams.ResultFrame(100)
            read.feed(sent[:at])
            self.assertFalse(read.whole)
            read.feed(sent[at:])
            self.assertTrue(read.whole)
            self.assertEqual(read.take_parts(), (HEADER, b'"x"'))

    def test_bytes_after_it_are_ignored(self):
        read = streams.ResultFrame(100)
        read.feed(frame() + b"more")
        read.feed(b"and more")
        self.assertEqual((read.take_parts(), read.problem), ((HEADER, b"1"), None))
        read.feed(b"\xff" * 100)
        self.assertIsNone(read.problem)

    def test_lengths_over_the_bounds_are_known_at_once(self):
        for lengths, problem in (((0, 101), "too_large"), ((streams.MAX_RESULT_HEADER_BYTES + 1, 0), "malformed"),
                                 ((0xFFFFFFFF, 0xFFFFFFFF), "malformed")):
            read = streams.ResultFrame(100)
            read.feed(struct.pack(">II", *lengths))
            self.assertEqual((read.problem, read.whole), (problem, False))
        read = streams.ResultFrame(100)
        read.feed(frame(result=b"x" * 100))
        self.assertTrue(read.whole)


class Outputs(unittest.TestCase):
    def setUp(self):
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.reading, False)
        self.addCleanup(os.close, self.reading)

    def test_it_keeps_up_to_its_cap_and_counts_the_rest(self):
        output = streams.Output("stdout", self.reading, 10)
        os.write(self.writing, b"0123456789")
        self.assertTrue(output.read())
        self.assertEqual((bytes(output.kept), output.truncated), (b"0123456789", False))
        os.write(self.writing, b"x" * 150)
        output.read()
        self.assertEqual((bytes(output.kept), output.truncated, output.over_limit), (b"0123456789", True, False))
        os.write(self.writing, b"x")
        output.read()
        self.assertTrue(output.over_limit)
        self.assertIs(output.read(), False)
        os.close(self.writing)
        self.assertIsNone(output.read())

    def test_a_drain_ends_though_the_writer_does_not(self):
        self.addCleanup(os.close, self.writing)
        os.write(self.writing, b"x" * 65536)
        output = streams.Output("stdout", self.reading, 10)
        reads = []

        def read_and_refill():
            reads.append(streams.Output.read(output))
            os.write(self.writing, b"y" * 1000)
            return reads[-1]

        output.read = read_and_refill
        output.drain()
        self.assertLess(output.total, 3 * 65536)
