"""The messages between worker and supervisor."""

import struct
import unittest

import frames


def encode(*message):
    return b"".join(frames.encode(*message))


class Frames(unittest.TestCase):
    def test_a_message_comes_back_wherever_it_is_split(self):
        sent = encode({"type": "run", "n": 1}, {"script": b"\x00\xff", "input": b""})
        for at in range(len(sent)):
            decoder = frames.Decoder()
            received = decoder.feed(sent[:at]) + decoder.feed(sent[at:])
            self.assertEqual(received, [({"type": "run", "n": 1, "parts": {"script": 2, "input": 0}},
                                         {"script": b"\x00\xff", "input": b""})])

    def test_several_messages_come_at_once(self):
        sent = encode({"n": 1}) + encode({"n": 2}, {"x": b"abc"}) + encode({"n": 3})[:5]
        self.assertEqual([header["n"] for header, _ in frames.Decoder().feed(sent)], [1, 2])

    def test_text_of_any_kind_survives(self):
        header = {"message": "é\ud800\x00"}
        self.assertEqual(frames.Decoder().feed(encode(header)), [(header, {})])

    def test_lengths_over_the_bounds_are_refused_before_the_bytes_come(self):
        for header_bytes, body_bytes in ((frames.MAX_HEADER_BYTES + 1, 0), (2, frames.MAX_BODY_BYTES + 1)):
            with self.assertRaises(frames.ProtocolError):
                frames.Decoder().feed(struct.pack(">II", header_bytes, body_bytes))

    def test_what_is_not_a_message_is_refused(self):
        bad = [(b"[]", b""), (b"{", b""), (b"\xff", b""), (b'{"parts":{"a":1}}', b"ab"), (b'{"parts":{"a":-1,"b":1}}', b""),
               (b'{"parts":[1]}', b"a"), (b'{"parts":{"a":true}}', b"a")]
        for header, body in bad:
            with self.subTest(header), self.assertRaises(frames.ProtocolError):
                frames.Decoder().feed(struct.pack(">II", len(header), len(body)) + header + body)
