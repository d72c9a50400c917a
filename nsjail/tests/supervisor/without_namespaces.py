"""Executes its arguments under a filter that refuses `unshare` and `clone` of namespaces, as a plain container does."""

import ctypes
import os
import struct
import sys

ALLOW, REFUSE = 0x7FFF0000, 0x00050001
UNSHARE = {"x86_64": 272, "aarch64": 97}


def main():
    program = b"".join(struct.pack("<HBBI", *instruction) for instruction in (
        (0x20, 0, 0, 0), (0x15, 0, 1, UNSHARE[os.uname().machine]), (0x06, 0, 0, REFUSE), (0x06, 0, 0, ALLOW)))
    libc = ctypes.CDLL(None)
    buffer = ctypes.create_string_buffer(program)
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    libc.prctl(38, 1, 0, 0, 0)
    if libc.prctl(22, 2, ctypes.c_char_p(header), 0, 0) != 0:
        sys.exit("no filter")
    os.execv(sys.argv[1], sys.argv[1:])


main()
