def main():
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    return [libc.syscall(304, -100, 0, 0), ctypes.get_errno()]
