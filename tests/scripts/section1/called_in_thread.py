import threading


def main():
    return threading.current_thread().name


t = threading.Thread(target=main, name="worker")
t.start()
t.join()
