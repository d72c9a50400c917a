import threading


def main():
    stop, started = threading.Event(), 0
    try:
        while True:
            threading.Thread(target=stop.wait, daemon=True).start()
            started += 1
    except RuntimeError:
        return started
