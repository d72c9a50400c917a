"""Makes one system call as the input says; tells what came of it: [return value, errno]."""

import ctypes
import os


def main(numbers, arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    number = numbers[os.uname().machine]
    returned = libc.syscall(ctypes.c_long(number), *map(argument, arguments))
    if returned == 0 and os.getpid() != 2:
        os._exit(0)  # the child of a clone that was let through
    return [returned, ctypes.get_errno() if returned == -1 else 0]


def argument(value):
    if isinstance(value, str):
        return ctypes.c_char_p(value.encode())
    return ctypes.c_ulong(value & 0xFFFFFFFFFFFFFFFF)
