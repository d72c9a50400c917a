import json
import os


def main():
    os.write(1, (json.dumps({"status": "ok", "result": "FORGED"}) + "\n").encode())
    return "real"
