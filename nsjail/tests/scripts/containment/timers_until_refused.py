"""How many POSIX timers it can have, and the errno of the next."""

import ctypes


def main():
    libc, timer, made = ctypes.CDLL(None, use_errno=True), ctypes.c_void_p(), 0
    while made < 10_000 and libc.timer_create(1, None, ctypes.byref(timer)) == 0:
        made += 1
    return [made, ctypes.get_errno()]
