def main():
    import atexit, time
    atexit.register(time.sleep, 3600)
    class X:
        def __del__(self): time.sleep(3600)
    global g
    g = X()
    return 'ok'
