"""Loads the runner's modules as the jail does: under a package name of their own."""

import importlib
import sys

from .harness import RUNNER, SITE

PACKAGE = "_jobcell_runner"

if PACKAGE not in sys.modules:
    package = type(sys)(PACKAGE)
    package.__path__ = [str(RUNNER)]
    sys.modules[PACKAGE] = package
    sys.set_int_max_str_digits(0)
    if SITE:
        sys.path.append(SITE)


def module(name):
    return importlib.import_module(f"{PACKAGE}.{name}")
