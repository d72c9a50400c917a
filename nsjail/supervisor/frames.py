"""The messages between worker and supervisor: u32be header bytes, u32be body bytes, header (JSON), body."""

import json
import struct

MAX_HEADER_BYTES = 256 << 10
MAX_BODY_BYTES = 16 << 20
_PREFIX = struct.Struct(">II")


class ProtocolError(Exception):
    """The other side does not speak this protocol: nothing after it can be understood."""


def encode(header, parts=None):
    """One message as pieces to write one after another; parts (name to bytes, in order) are not copied."""
    parts = parts or {}
    if parts:
        header = {**header, "parts": {name: len(part) for name, part in parts.items()}}
    text = json.dumps(header, separators=(",", ":")).encode()
    return [_PREFIX.pack(len(text), sum(map(len, parts.values()))) + text, *filter(len, parts.values())]


class Decoder:
    """Takes bytes as they come, split anywhere; `feed` returns the messages that are whole: (header, parts)."""

    def __init__(self):
        self._buffer = bytearray()

    def feed(self, data):
        self._buffer += data
        messages = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def _next(self):
        if len(self._buffer) < _PREFIX.size:
            return None
        header_bytes, body_bytes = _PREFIX.unpack_from(self._buffer)
        if header_bytes > MAX_HEADER_BYTES or body_bytes > MAX_BODY_BYTES:
            raise ProtocolError(f"a message of {header_bytes} + {body_bytes} bytes is over the bound")
        body_at = _PREFIX.size + header_bytes
        end = body_at + body_bytes
        if len(self._buffer) < end:
            return None
        with memoryview(self._buffer) as message:
            header = _decode_header(bytes(message[_PREFIX.size : body_at]))
            parts = _split(header.get("parts") or {}, message[body_at:end])
        del self._buffer[:end]
        return header, parts


def _decode_header(text):
    try:
        header = json.loads(text)
    except ValueError as error:
        raise ProtocolError(f"a header is not JSON: {error}") from None
    if not isinstance(header, dict):
        raise ProtocolError("a header is not an object")
    return header


def _split(lengths, body):
    if not isinstance(lengths, dict) or not all(type(n) is int and n >= 0 for n in lengths.values()):
        raise ProtocolError("`parts` is not an object of lengths")
    if sum(lengths.values()) != len(body):
        raise ProtocolError("the lengths in `parts` do not add up to the body")
    parts, at = {}, 0
    for name, length in lengths.items():
        parts[name] = bytes(body[at : at + length])
        at += length
    return parts
