"""The errno of a refused call in the main thread, in another thread, and in a program that was executed."""

import ctypes
import subprocess
import sys
import threading

MEMFD = "import os\ntry:\n os.memfd_create('x')\nexcept OSError as error:\n print(error.errno)"


def main():
    found = [refusal()]
    thread = threading.Thread(target=lambda: found.append(refusal()))
    thread.start()
    thread.join()
    executed = subprocess.run([sys.executable, "-I", "-S", "-c", MEMFD], capture_output=True, text=True)
    return [*found, int(executed.stdout)]


def refusal():
    libc = ctypes.CDLL(None, use_errno=True)
    return ctypes.get_errno() if libc.unshare(0) == -1 else 0
