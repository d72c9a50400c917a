"""Looks for the secret of any job in all that this process can reach: modules, environment, files, and the raw pages.

A secret is known by its form (see `leaves_secrets.py`). Pages are read through a pipe: what is not mapped is an error
there and not a crash."""

import builtins
import ctypes
import gc
import json
import os
import random
import re
import sys

import numpy

PAGE = 4096
PREFIX, DIGIT = "J0bC" + "3ll-", "[0-9a-f]"
SECRET = re.compile(b"J0bC" b"3ll-[0-9a-f]{32}")
# As Python and numpy keep text that has a wide character somewhere.
WIDE = re.compile(b"".join(re.escape(letter.encode("utf-32-le")) for letter in PREFIX) + b"(?:[0-9a-f]\0\0\0){32}")


def main():
    found = []
    if "left_behind" in sys.modules or hasattr(json, "secret") or hasattr(builtins, "secret"):
        found.append("modules")
    if json.dumps({}) != "{}":
        found.append("monkeypatch")
    if os.listdir("/tmp"):
        found.append("files")
    if any(SECRET.search(f"{name}={value}".encode()) for name, value in os.environ.items()):
        found.append("environment")
    if any(SECRET.search(repr(frame.f_locals).encode()) for frame in frames()):
        found.append("frames")
    if any(type(each) in (dict, list, tuple) and SECRET.search(repr(each).encode()) for each in small_objects()):
        found.append("objects")
    pages = search_pages(found)
    draws = [random.random() for _ in range(3)] + [float(numpy.random.rand()) for _ in range(3)]
    return {"found": sorted(set(found)), "mib": pages * PAGE >> 20, "draws": draws}


def frames():
    frame = sys._getframe()
    while frame:
        yield frame
        frame = frame.f_back


def small_objects():
    """Those that a look at costs little: what refers to text and bytes directly."""
    for each in gc.get_objects():
        if type(each) in (dict, list, tuple) and len(each) < 50:
            if all(type(part) in (str, bytes, int) for part in (each.values() if type(each) is dict else each)):
                yield each


def search_pages(found):
    """Every page that lies together with one that an object, the libraries or the stack is in. Returns how many."""
    libc = ctypes.CDLL(None, use_errno=True)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)

    def page(address):
        written = libc.write(writing, ctypes.c_void_p(address), ctypes.c_size_t(PAGE))
        return os.read(reading, PAGE) if written == PAGE else None

    on_stack = ctypes.c_long()
    referents = gc.get_referents(*gc.get_objects())
    anchors = {id(each) // PAGE * PAGE for each in referents}
    anchors.add(ctypes.addressof(ctypes.c_void_p.in_dll(libc, "stdout")) // PAGE * PAGE)
    anchors.add(ctypes.addressof(on_stack) // PAGE * PAGE)
    del referents
    seen = set()
    for anchor in sorted(anchors):
        if anchor in seen:
            continue
        first = anchor
        while first - PAGE not in seen and page(first - PAGE) is not None:
            first -= PAGE
        at, last = first, b""
        while at not in seen and (data := page(at)) is not None:
            seen.add(at)
            both = last[-512:] + data
            if SECRET.search(both) or WIDE.search(both):
                found.append("memory")
            at, last = at + PAGE, data
    return len(seen)
