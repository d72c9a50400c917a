"""Has so many threads at once, its first included."""

import threading
import time


def main(count):
    threading.stack_size(1 << 16)  # else RLIMIT_DATA is met first
    stop = threading.Event()
    for _ in range(count - 1):
        threading.Thread(target=stop.wait, daemon=True).start()
    time.sleep(0.1)  # seen by five samples
    return threading.active_count()
