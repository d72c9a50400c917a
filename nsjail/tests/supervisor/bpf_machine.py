"""Runs a seccomp filter as the kernel would, for architectures that this machine is not."""

import struct

LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000


def answer(program, architecture, number, arguments=()):
    """The errno that the call gets; 0 where it is allowed."""
    padded = [argument & 0xFFFFFFFFFFFFFFFF for argument in (*arguments, 0, 0, 0, 0, 0, 0)[:6]]
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, architecture, 0, *padded)
    instructions = list(struct.iter_unpack("<HBBI", program))
    at, loaded = 0, None
    while True:
        code, if_true, if_false, value = instructions[at]
        at += 1
        if code == LOAD:
            (loaded,) = struct.unpack_from("<I", data, value)
        elif code == RETURN:
            assert value == ALLOW or value & ~0xFFFF == ERRNO, hex(value)
            return 0 if value == ALLOW else value & 0xFFFF
        else:
            holds = {JUMP_EQUAL: loaded == value, JUMP_GREATER_EQUAL: loaded >= value, JUMP_ANY_BIT: bool(loaded & value)}[code]
            at += if_true if holds else if_false
