"""One value of every source of randomness that keeps a state, and the mark of the jail."""

import random
import secrets
import socket
import ssl
import tempfile
import uuid

import numpy

SO_NETNS_COOKIE = 71


def main():
    with socket.socket(socket.AF_UNIX) as any_socket:
        cookie = any_socket.getsockopt(socket.SOL_SOCKET, SO_NETNS_COOKIE, 8).hex()
    return {
        "random": random.random(),
        "numpy": float(numpy.random.rand()),
        "uuid4": str(uuid.uuid4()),
        "uuid1": str(uuid.uuid1()),
        "ssl": ssl.RAND_bytes(16).hex(),
        "secrets": secrets.token_hex(16),
        "tempfile": next(tempfile._get_candidate_names()),
        "netns": cookie,
    }
