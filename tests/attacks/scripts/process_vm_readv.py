def main():
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    return [libc.syscall(310, 1, 0, 0, 0, 0, 0), ctypes.get_errno()]
