"""Compiles the copies that a slot runs: no job waits for it, and no time stamp is looked at afterwards."""

import os
import py_compile


def compile_tree(folder, shown_as):
    """`shown_as`: where the slot will see the folder, for tracebacks."""
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".py"):
                path = os.path.join(parent, name)
                py_compile.compile(path, dfile=shown_as + path.removeprefix(folder), doraise=True,
                                   invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
