import json
import os
import struct


def main(x):
    error = {"code": "CANARY", "message": "CANARY", "type": "CANARY", "line": "CANARY", "traceback": x}
    header = json.dumps({"status": "failed", "error": error, "CANARY": x}).encode()
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, struct.pack(">II", len(header), 6) + header + b"CANARY")
        except OSError:
            continue
    os._exit(0)
