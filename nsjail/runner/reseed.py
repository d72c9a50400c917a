"""Gives a forked job process randomness of its own: whatever keeps a state across a fork, if the template has it.

`random` does it itself after Python's own fork. The kernel's (`os.urandom`, `secrets`, `uuid.uuid4`) needs nothing.
"""

import array
import posix
import sys

ENTROPY_BYTES = 32
MT19937_WORDS = 624


def reseed():
    for module, renew in RENEWALS.items():
        if module in sys.modules:
            renew(sys.modules[module])


def _numpy(mtrand):
    # All of its state: `seed` would spread fewer bytes with numpy's arithmetic, which a script may never touch.
    mtrand.set_state(("MT19937", array.array("I", posix.urandom(4 * MT19937_WORDS)), MT19937_WORDS))


def _openssl(ssl):
    # It notices a fork by the pid, and job processes all have the same: asked now, it has noticed for this one.
    ssl.RAND_add(posix.urandom(ENTROPY_BYTES), float(ENTROPY_BYTES))
    ssl.RAND_bytes(1)


def _temporary_names(tempfile):
    tempfile._name_sequence = None


def _uuid1(uuid):
    uuid._node = uuid._last_timestamp = None


RENEWALS = {"numpy.random.mtrand": _numpy, "_ssl": _openssl, "tempfile": _temporary_names, "uuid": _uuid1}
