"""By its second thread whoever looks on knows this process from those that wait for a job."""
import threading
import time


def main(n, seconds, mebibytes):
    thread = threading.Thread(target=time.sleep, args=(seconds,))
    thread.start()
    thread.join()
    held = b"x" * (mebibytes << 20)
    return n if len(held) == mebibytes << 20 else None
