"""The three calls of libc that Python has no function for.

`_ctypes` itself: `ctypes` on top of it costs another 2 ms and is not needed.
"""

import sys

import _ctypes

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
FILTER_INSTRUCTION_BYTES = 8


def set_rlimit(resource, value):
    """Soft and hard limit at once, so that a script cannot raise it again."""
    pair = _buffer(value.to_bytes(8, sys.byteorder) * 2)
    _call(b"setrlimit", resource, _ctypes.addressof(pair))


def set_no_new_privs():
    _call(b"prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def load_filter(instructions):
    """`instructions`: an array of `struct sock_filter` as bytes."""
    length, rest = divmod(len(instructions), FILTER_INSTRUCTION_BYTES)
    if rest:
        raise ValueError(f"a filter of {len(instructions)} bytes is not a whole number of instructions")
    array = _buffer(instructions)
    # struct sock_fprog: u16 count, padding, pointer.
    program = _buffer(
        length.to_bytes(2, sys.byteorder) + bytes(6) + _ctypes.addressof(array).to_bytes(8, sys.byteorder)
    )
    _call(b"prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, _ctypes.addressof(program), 0, 0)


class _Int(_ctypes._SimpleCData):
    _type_ = "i"


class _Long(_ctypes._SimpleCData):
    _type_ = "L"


class _Byte(_ctypes._SimpleCData):
    _type_ = "c"


class _Function(_ctypes.CFuncPtr):
    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO
    _restype_ = _Int


_library = _ctypes.dlopen(None, 0)


def _call(name, first, *rest):
    function = _Function(_ctypes.dlsym(_library, name.decode()))
    if function(_Int(first), *map(_Long, rest)) != 0:
        number = _ctypes.get_errno()
        raise OSError(number, f"{name.decode()}({first}, ...) failed")


def _buffer(data):
    kind = type(_ctypes.Array)("_Buffer", (_ctypes.Array,), {"_type_": _Byte, "_length_": len(data)})
    return kind.from_buffer_copy(data)
