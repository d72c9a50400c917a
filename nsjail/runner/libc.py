"""The calls of libc that Python has no function for.

`_ctypes` itself: `ctypes` on top of it costs another 2 ms and is not needed.
"""

import sys

import _ctypes

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
FILTER_INSTRUCTION_BYTES = 8
CAPABILITY_VERSION_3 = 0x20080522
FEWEST_CAPABILITIES = 38  # those of Linux 5.4
EINVAL = 22

CLONE_NEWPID = 0x20000000
CLONE_NEWUSER = 0x10000000
# Mount, cgroup, uts, ipc, user, net.
ALL_BUT_PID = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | CLONE_NEWUSER | 0x40000000


def set_rlimit(resource, value):
    """Soft and hard limit at once, so that a script cannot raise it again."""
    pair = buffer(value.to_bytes(8, sys.byteorder) * 2)
    call(b"setrlimit", resource, _ctypes.addressof(pair))


def set_no_new_privs():
    call(b"prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def set_dumpable():
    call(b"prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)


def die_with_parent(signal):
    call(b"prctl", PR_SET_PDEATHSIG, signal, 0, 0, 0)


def setns(descriptor, kinds):
    call(b"setns", descriptor, kinds)


def drop_capabilities():
    """All sets: ambient, bounding, and the three of the process."""
    capability, prctl = 0, _function(b"prctl")
    while prctl(PR_CAPBSET_DROP, capability, 0, 0, 0, 0) == 0:
        capability += 1
    if capability < FEWEST_CAPABILITIES or _ctypes.get_errno() != EINVAL:
        raise OSError(_ctypes.get_errno(), f"capability {capability} stays in the bounding set")
    drop_own_capabilities()


def drop_own_capabilities():
    """All sets but the bounding one, which an ordinary user may not change. With no_new_privs none can be gained by it."""
    call(b"prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    call(b"capset", _ctypes.addressof(_version_3_of_this_thread), _ctypes.addressof(_nothing))


def load_filter(instructions):
    """`instructions`: an array of `struct sock_filter` as bytes."""
    length, rest = divmod(len(instructions), FILTER_INSTRUCTION_BYTES)
    if rest:
        raise ValueError(f"a filter of {len(instructions)} bytes is not a whole number of instructions")
    array = buffer(instructions)
    # struct sock_fprog: u16 count, padding, pointer.
    program = buffer(
        length.to_bytes(2, sys.byteorder) + bytes(6) + _ctypes.addressof(array).to_bytes(8, sys.byteorder)
    )
    call(b"prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, _ctypes.addressof(program), 0, 0)


class _Int(_ctypes._SimpleCData):
    _type_ = "i"


class _Long(_ctypes._SimpleCData):
    _type_ = "L"


class _Byte(_ctypes._SimpleCData):
    _type_ = "c"


class _Function(_ctypes.CFuncPtr):
    """Takes as many as fit into registers: a function of libc reads those that it has."""

    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO
    _argtypes_ = (_Long,) * 6
    _restype_ = _Int


_library = _ctypes.dlopen(None, 0)


def call(name, *arguments):
    """For a function that answers 0, or -1 with its reason in errno."""
    if ask(name, *arguments) != 0:
        raise OSError(_ctypes.get_errno(), f"{name.decode()}({arguments[0]}, ...) failed")


def errno():
    """Of the last call that failed."""
    return _ctypes.get_errno()


def address(array):
    return _ctypes.addressof(array)


def ask(name, *arguments):
    return _function(name)(*arguments, *_zeros[len(arguments) :])


def read_word(write):
    """The 8 bytes that `write(address)` has the kernel write."""
    word = buffer(bytes(8))
    write(_ctypes.addressof(word))
    return int.from_bytes(bytes(word), sys.byteorder)


_functions, _kinds = {}, {}
_zeros = (0,) * len(_Function._argtypes_)


def _function(name):
    function = _functions.get(name)
    if function is None:
        function = _functions[name] = _Function(_ctypes.dlsym(_library, name.decode()))
    return function


def buffer(data):
    """The bytes at an address of their own."""
    length = len(data)
    kind = _kinds.get(length)
    if kind is None:
        kind = _kinds[length] = type(_ctypes.Array)("_Buffer", (_ctypes.Array,), {"_type_": _Byte, "_length_": length})
    return kind.from_buffer_copy(data)


_version_3_of_this_thread = buffer(CAPABILITY_VERSION_3.to_bytes(4, sys.byteorder) + bytes(4))
_nothing = buffer(bytes(24))
