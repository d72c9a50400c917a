"""A docstring."""
from __future__ import annotations


def main(x: Undefined) -> Undefined:
    return __doc__


main(1)
