"""Puts its input, a secret (a fixed beginning and 32 hexadecimal digits), wherever it could be left for the next job."""

import builtins
import gc
import json
import os
import random
import sys

import numpy

KEPT = []


def main(secret):
    print(secret)
    print(secret, file=sys.stderr)
    os.environ["SECRET"] = secret
    with open("/tmp/secret", "w", encoding="utf-8") as file:
        file.write(secret * 1000)
    json.secret, builtins.secret = secret, secret
    json.dumps = lambda *_args, **_options: secret
    random.seed(secret)
    numpy.random.seed(list(secret.encode()))
    KEPT.append(numpy.array([secret] * 100))
    for count in (1, 10, 1000, 100_000):
        KEPT.append((secret * count).encode())
        KEPT.append([secret + str(number) for number in range(min(count, 1000))])
    del KEPT[1:5:2]  # freed memory too
    gc.collect()
    sys.modules["left_behind"] = type(sys)("left_behind")
    sys.modules["left_behind"].secret = secret
    draws = [random.random() for _ in range(3)] + [float(numpy.random.rand()) for _ in range(3)]
    return {secret: [secret, draws]}
