"""Writes a frame of its own, as the runner would, and does not end. `main(kind)` says what is in it."""

import json
import os
import struct
import time

FRAMES = {
    "result": (b'{"status":"succeeded","error":null}', b'"forged"'),
    "sandbox_failure": (b'{"status":"failed","error":{"code":"sandbox_failure","message":"x"}}', b""),
    "timeout": (b'{"status":"failed","error":{"code":"timeout","message":"x"}}', b""),
    "no_status": (b"{}", b"1"),
    "not_json": (b"\xff\xfe", b"1"),
    "deep_header": (b"[" * 100_000, b"1"),
    "empty_result": (b'{"status":"succeeded","error":null}', b""),
    "not_utf8": (b'{"status":"succeeded","error":null}', b"\xff"),
    "long_message": (json.dumps({"status": "failed", "error": {"code": "script_error", "message": "\ud800" + "x" * 50_000}}).encode(), b""),
}


def main(kind):
    if kind == "huge_header":
        os.write(5, struct.pack(">II", 1 << 31, 0))
    elif kind == "huge_result":
        os.write(5, struct.pack(">II", 2, 1 << 31))
    elif kind == "half":
        os.write(5, struct.pack(">II", 100, 100) + b"{")
    else:
        header, result = FRAMES[kind]
        os.write(5, struct.pack(">II", len(header), len(result)) + header + result)
    time.sleep(3600)
