"""Just enough of classic BPF for a list of refusals: an array of `struct sock_filter` (u16 code, u8 jt, u8 jf, u32 k).

No libseccomp: its output differs between versions, it cannot say "calls that came later", and 64-bit comparisons of
arguments that the kernel reads as ints are either wrong or need a mask each."""

import struct

LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
RETURN_ERRNO, RETURN_ALLOW = 0x00050000, 0x7FFF0000
# struct seccomp_data: int nr; u32 arch; u64 instruction_pointer; u64 args[6]
NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT = 0, 4, 16


def instruction(code, value, if_true=0, if_false=0):
    return struct.pack("<HBBI", code, if_true, if_false, value)


def load_number():
    return [instruction(LOAD, NUMBER_AT)]


def load_architecture():
    return [instruction(LOAD, ARCHITECTURE_AT)]


def load_argument(index, half=0):
    """Its low 32 bits (`half` 1: its high ones), on a little-endian machine."""
    return [instruction(LOAD, ARGUMENTS_AT + 8 * index + 4 * half)]


def refuse(errno):
    return [instruction(RETURN, RETURN_ERRNO | errno)]


def allow():
    return [instruction(RETURN, RETURN_ALLOW)]


def when_equal(value, body):
    """Runs `body` if what was loaded equals the value, else goes on after it."""
    return [instruction(JUMP_EQUAL, value, 0, len(body)), *body]


def unless_equal(value, body):
    return [instruction(JUMP_EQUAL, value, len(body), 0), *body]


def when_at_least(value, body):
    return [instruction(JUMP_GREATER_EQUAL, value, 0, len(body)), *body]


def unless_at_least(value, body):
    return [instruction(JUMP_GREATER_EQUAL, value, len(body), 0), *body]


def unless_any_bit(mask, body):
    return [instruction(JUMP_ANY_BIT, mask, len(body), 0), *body]


def when_any_bit(mask, body):
    return [instruction(JUMP_ANY_BIT, mask, 0, len(body)), *body]
